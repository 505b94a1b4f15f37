import type { Random } from "@sheaf/base";
import type { CoalitionsClient } from "./coalitions-client.ts";
import { type ChainStage, tolerated } from "./drive-epochs.ts";
import type { MinerAccount, WorkerAccount } from "./participants.ts";

/** A miner, and the worker whose data it reported. */
export interface Suspicion {
  readonly accused: MinerAccount;
  readonly worker: WorkerAccount;
}

/**
 * [CHALLENGE.1] Every suspect is challenged for what it reported in the epoch before, each by a miner of its own; where
 * there is none, anyone is. The accused shows the record that is drawn, or has none and the challenge is upheld.
 */
export async function checkOthers(
  stage: ChainStage,
  epoch: number,
  random: Random,
  suspects: readonly Suspicion[],
): Promise<void> {
  const found = suspects.length > 0 ? suspects : await anyone(stage, epoch, random);
  const challengers = challengersOf(stage, random, found);
  await Promise.all(
    found.map(async (suspicion, place) => {
      const challenger = challengers[place];
      if (challenger === undefined) stage.remark(`nobody is left to challenge ${suspicion.accused.id}`);
      else await challengeOne(stage, epoch, suspicion, challenger);
    }),
  );
}

/** Miners that may challenge: neither accused nor, as far as is planned, suspended. */
function challengersOf(
  { participants, faults, hasEnded }: ChainStage,
  random: Random,
  found: readonly Suspicion[],
): readonly MinerAccount[] {
  const cheats = new Set(
    faults.flatMap(({ miner, accomplice }) => (accomplice === undefined ? [] : [miner])),
  );
  const free = random
    .shuffle(participants.miners)
    .filter((miner) => !hasEnded(miner.index) && !found.some(({ accused }) => accused === miner));
  // A cheat comes last: it can be suspended, and its challenge refused.
  return [...free.filter((miner) => !cheats.has(miner)), ...free.filter((miner) => cheats.has(miner))];
}

async function challengeOne(
  stage: ChainStage,
  epoch: number,
  { accused, worker }: Suspicion,
  challenger: MinerAccount,
): Promise<void> {
  const { spec, clients, clock } = stage;
  const own = clients[challenger.index] as CoalitionsClient;
  const args = [epoch - 1, accused.address, worker.address];
  const opened = await tolerated(stage, challenger, `could not challenge ${accused.id}`, () =>
    own.send(challenger, "challenge", args, BigInt(spec.bondWei)),
  );
  if (opened === undefined) return;
  const drawBlock = opened.blockNumber + 1;
  await clock.reach(drawBlock + 1);
  const shown = await tolerated(stage, accused, `could not answer ${challenger.id}`, () =>
    answer(stage, epoch - 1, { accused, worker }, challenger),
  );
  if (shown === true) return;
  await clock.reach(drawBlock + spec.answerBlocks + 1);
  await tolerated(stage, challenger, `could not conclude its challenge of ${accused.id}`, () =>
    own.send(challenger, "conclude", [challenger.address]),
  );
}

/** A miner that reported something in the epoch before; none when nobody did. */
async function anyone(
  { participants, views, hasEnded }: ChainStage,
  epoch: number,
  random: Random,
): Promise<readonly Suspicion[]> {
  for (const accused of random.shuffle(participants.miners)) {
    const worker = participants.workers[random.pick(accused.workers)];
    const [{ indices }] = (await views.read("recording", [epoch - 1, accused.address])) as unknown as [
      { readonly indices: readonly bigint[] },
    ];
    if (worker !== undefined && indices.length > 0 && !hasEnded(accused.index)) return [{ accused, worker }];
  }
  return [];
}

/** [CHALLENGE.3] Whether the accused had the record. */
async function answer(
  { clients, data }: ChainStage,
  epoch: number,
  { accused, worker }: Suspicion,
  challenger: MinerAccount,
): Promise<boolean> {
  const client = clients[accused.index] as CoalitionsClient;
  const [index] = await client.read("drawnLeaf", [challenger.address]);
  const shown = data.show(worker, epoch, Number(index));
  if (shown === undefined) return false;
  await client.send(accused, "answer", [challenger.address, shown.record, shown.proof]);
  return true;
}
