import { CodedError, createRandom } from "@sheaf/base";
import type { Coalition } from "@sheaf/game";
import type { ChainErrorDetail } from "@sheaf/marketplace";
import { plural } from "@sheaf/reports";
import type { Progress } from "../../terminal/progress.ts";
import type { ChainSpec } from "../coalition-file.ts";
import type { CoalitionsClient } from "./coalitions-client.ts";
import type { EpochClock } from "./epoch-clock.ts";
import { formOnChain, registerAll } from "./found-coalitions.ts";
import type { MinerAccount, Participants, WorkerAccount } from "./participants.ts";
import type { PlannedFault } from "./planned-faults.ts";
import type { SensedData } from "./sensed-data.ts";
import type { SharedViews } from "./shared-views.ts";
import { checkOthers } from "./spot-check.ts";

/** Everything that miners need to act on the chain. */
export interface ChainStage {
  readonly spec: ChainSpec;
  readonly participants: Participants;
  /** The coalitions that the game formed. */
  readonly partition: readonly Coalition[];
  readonly data: SensedData;
  readonly faults: readonly PlannedFault[];
  /** One for each miner, at its own validator. */
  readonly clients: readonly CoalitionsClient[];
  /** What any validator can be asked. */
  readonly views: SharedViews;
  /** Whether the validator of this miner has ended. */
  readonly hasEnded: (miner: number) => boolean;
  readonly clock: EpochClock;
  readonly chainId: number;
  readonly seed: string;
  readonly progress: Progress;
  /** What did not go as planned, though the run goes on: said once each. */
  readonly remark: (text: string) => void;
}

/**
 * Registers everybody and forms the coalitions; then, in every epoch, has all miners contribute and one of them check
 * another (each cheat of the epoch before by one), and some leave or cheat as planned. Returns when the last epoch is
 * over for the contract, too: how many epochs there were since genesis.
 */
export async function driveEpochs(stage: ChainStage): Promise<number> {
  const { spec, clock, progress, faults } = stage;
  await registerAll(stage);
  const founding = await roomyEpoch(clock);
  await Promise.all([formOnChain(stage, founding), contributeAll(stage, founding, new Map())]);
  const first = founding + 1;
  const phase = progress.phase("mining", spec.epochs * clock.blocks);
  clock.onHeight = (height) => {
    const mined = Math.max(0, height - first * clock.blocks);
    phase.update(Math.min(mined, spec.epochs * clock.blocks));
  };
  const random = createRandom(`${stage.seed}/coalitions/checks`);
  for (let turn = 1; turn <= spec.epochs; turn++) {
    const epoch = founding + turn;
    await clock.begin(epoch);
    const now = faults.filter(({ fault }) => fault.epoch === turn);
    const suspects = faults
      .filter(({ fault }) => fault.epoch === turn - 1)
      .flatMap(({ miner, accomplice }) =>
        accomplice === undefined ? [] : [{ accused: miner, worker: accomplice }],
      );
    await Promise.all([
      ...(turn === spec.epochs ? [] : [contributeAll(stage, epoch, accomplicesOf(now))]),
      ...now.filter(({ fault }) => fault.kind === "miner-leaves").map(({ miner }) => leave(stage, miner)),
      checkOthers(stage, epoch, random, suspects),
    ]);
  }
  const count = founding + spec.epochs + 1;
  await clock.reach(count * clock.blocks + 1);
  phase.finish(`${plural(spec.epochs, "epoch")} of ${plural(clock.blocks, "block")}`);
  return count;
}

/** An epoch of which enough is left to form coalitions and to contribute. */
async function roomyEpoch(clock: EpochClock): Promise<number> {
  await clock.reach(clock.height + 1);
  if (clock.left() < clock.blocks / 2) await clock.begin(clock.epoch() + 1);
  return clock.epoch();
}

/** The accomplices of the miners that cheat in this epoch, by miner. */
function accomplicesOf(faults: readonly PlannedFault[]): ReadonlyMap<number, WorkerAccount> {
  return new Map(
    faults.flatMap(({ miner, accomplice }) =>
      accomplice === undefined ? [] : [[miner.index, accomplice] as const],
    ),
  );
}

async function contributeAll(
  stage: ChainStage,
  epoch: number,
  cheats: ReadonlyMap<number, WorkerAccount>,
): Promise<void> {
  const { participants, data, clients } = stage;
  await Promise.all(
    participants.miners.map(async (miner) => {
      const accomplice = cheats.get(miner.index);
      const own = miner.workers.map((index) => participants.workers[index] as WorkerAccount);
      const statements = await Promise.all(
        [...own, ...(accomplice === undefined ? [] : [accomplice])].map((worker) =>
          data.statement(worker, epoch),
        ),
      );
      await tolerated(stage, miner, `did not contribute in epoch ${epoch}`, () =>
        (clients[miner.index] as CoalitionsClient).send(miner, "contribute", [statements]),
      );
    }),
  );
}

async function leave(stage: ChainStage, miner: MinerAccount): Promise<void> {
  await tolerated(stage, miner, "could not leave", () =>
    (stage.clients[miner.index] as CoalitionsClient).send(miner, "leaveCoalition", []),
  );
}

/**
 * A miner's work, which the others go on without: when the contract refuses it (to one that is suspended, or was too
 * late for its epoch), and when the miner's validator has ended. Both are said.
 */
export async function tolerated<T>(
  { remark, hasEnded }: Pick<ChainStage, "remark" | "hasEnded">,
  { id, index }: Pick<MinerAccount, "id" | "index">,
  what: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    if (!hasEnded(index)) return await work();
  } catch (error) {
    if (isRefusal(error)) {
      remark(`${id} ${what}: ${error.message}`);
      return undefined;
    }
    if (!hasEnded(index)) throw error;
  }
  remark(`${id} ${what}: its validator has ended`);
  return undefined;
}

/** Whether the contract, and not the way to it, is what said no. */
function isRefusal(error: unknown): error is CodedError<ChainErrorDetail> {
  return error instanceof CodedError && "method" in error.detail && "name" in error.detail;
}
