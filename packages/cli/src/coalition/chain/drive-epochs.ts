import { CodedError, createRandom } from "@sheaf/base";
import type { Coalition } from "@sheaf/game";
import type { ChainErrorDetail } from "@sheaf/marketplace";
import type { Progress } from "../../terminal/progress.ts";
import type { ChainSpec, MinerFault } from "../coalition-file.ts";
import type { CoalitionsClient } from "./coalitions-client.ts";
import type { EpochClock } from "./epoch-clock.ts";
import { formOnChain, registerAll } from "./found-coalitions.ts";
import type { MinerAccount, Participants, WorkerAccount } from "./participants.ts";
import type { SensedData } from "./sensed-data.ts";
import { challengeOne } from "./spot-check.ts";

/** Everything that miners need to act on the chain. */
export interface ChainStage {
  readonly spec: ChainSpec;
  readonly participants: Participants;
  /** The coalitions that the game formed. */
  readonly partition: readonly Coalition[];
  readonly data: SensedData;
  /** One for each miner, at its own validator. */
  readonly clients: readonly CoalitionsClient[];
  readonly clock: EpochClock;
  readonly chainId: number;
  readonly seed: string;
  readonly progress: Progress;
  /** What did not go as planned, though the run goes on: said once each. */
  readonly remark: (text: string) => void;
}

/** From which epoch on the coalitions mine, and how many epochs the chain has seen with them. */
export interface MinedEpochs {
  readonly first: number;
  /** Epochs since genesis. */
  readonly count: number;
}

/**
 * Registers everybody and forms the coalitions; then, in every epoch, has all miners contribute and one of them check
 * another, and some leave or cheat as planned. Returns when the last epoch is over for the contract, too.
 */
export async function driveEpochs(stage: ChainStage): Promise<MinedEpochs> {
  const { spec, clock, progress } = stage;
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
  const faults = spec.faults.map((fault, index) => ({ fault, miner: chooseMiner(stage, fault, index) }));
  for (let turn = 1; turn <= spec.epochs; turn++) {
    const epoch = founding + turn;
    await clock.begin(epoch);
    const now = faults.filter(({ fault }) => fault.epoch === turn);
    const cheated = faults.find(({ fault }) => fault.kind === "miner-cheats" && fault.epoch === turn - 1);
    await Promise.all([
      ...(turn === spec.epochs ? [] : [contributeAll(stage, epoch, cheatsOf(stage, now))]),
      ...now.filter(({ fault }) => fault.kind === "miner-leaves").map(({ miner }) => leave(stage, miner)),
      challengeOne(stage, epoch, random, cheated && accompliceOf(stage, cheated)),
    ]);
  }
  const count = founding + spec.epochs + 1;
  await clock.reach(count * clock.blocks + 1);
  phase.finish(`${spec.epochs} epochs of ${clock.blocks} blocks`);
  return { first, count };
}

/** An epoch of which enough is left to form coalitions and to contribute. */
async function roomyEpoch(clock: EpochClock): Promise<number> {
  await clock.reach(clock.height + 1);
  if (clock.left() < clock.blocks / 2) await clock.begin(clock.epoch() + 1);
  return clock.epoch();
}

interface PlannedFault {
  readonly fault: MinerFault;
  readonly miner: MinerAccount;
}

/** Of the largest coalition, where a loss is felt most; different ones for different faults. */
function chooseMiner(
  { participants, partition }: ChainStage,
  fault: MinerFault,
  index: number,
): MinerAccount {
  const largest = partition.reduce((most, members) => (members.length > most.length ? members : most));
  const chosen = fault.miner ?? (largest[index % largest.length] as number);
  return participants.miners[chosen] as MinerAccount;
}

/** The accomplices of the miners that cheat in this epoch. */
function cheatsOf(stage: ChainStage, faults: readonly PlannedFault[]): ReadonlyMap<number, WorkerAccount> {
  const cheats = faults.filter(({ fault }) => fault.kind === "miner-cheats");
  return new Map(cheats.map((planned) => [planned.miner.index, accompliceOf(stage, planned).worker]));
}

function accompliceOf({ spec, participants }: ChainStage, { fault, miner }: PlannedFault) {
  const place = spec.faults.filter(({ kind }) => kind === "miner-cheats").indexOf(fault as never);
  const worker = participants.workers.filter(({ invents }) => invents)[place] as WorkerAccount;
  return { accused: miner, worker };
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
      await tolerated(stage, `${miner.id} did not contribute in epoch ${epoch}`, () =>
        (clients[miner.index] as CoalitionsClient).send(miner, "contribute", [statements]),
      );
    }),
  );
}

async function leave(stage: ChainStage, miner: MinerAccount): Promise<void> {
  await tolerated(stage, `${miner.id} could not leave`, () =>
    (stage.clients[miner.index] as CoalitionsClient).send(miner, "leaveCoalition", []),
  );
}

/** What the contract refuses is said and borne: a miner that is suspended, or was too late for its epoch. */
export async function tolerated<T>(
  { remark }: Pick<ChainStage, "remark">,
  what: string,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isRefusal(error)) throw error;
    remark(`${what}: ${error.message}`);
    return undefined;
  }
}

/** Whether the contract, and not the way to it, is what said no. */
function isRefusal(error: unknown): error is CodedError<ChainErrorDetail> {
  return error instanceof CodedError && "method" in error.detail && "name" in error.detail;
}
