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
 * [CHALLENGE.1] One miner challenges what another reported in the epoch before: the one that is suspected, else anyone.
 * The accused shows the record that is drawn, or has none and the challenge is upheld.
 */
export async function challengeOne(
  stage: ChainStage,
  epoch: number,
  random: Random,
  suspicion: Suspicion | undefined,
): Promise<void> {
  const { accused, worker } = suspicion ?? (await anyone(stage, epoch, random)) ?? {};
  if (accused === undefined || worker === undefined) return;
  const { spec, participants, clients, clock } = stage;
  const challenger = random.pick(participants.miners.filter((miner) => miner !== accused));
  const own = clients[challenger.index] as CoalitionsClient;
  const args = [epoch - 1, accused.address, worker.address];
  const opened = await tolerated(stage, `${challenger.id} could not challenge ${accused.id}`, () =>
    own.send(challenger, "challenge", args, BigInt(spec.bondWei)),
  );
  if (opened === undefined) return;
  const drawBlock = opened.blockNumber + 1;
  await clock.reach(drawBlock + 1);
  const shown = await tolerated(stage, `${accused.id} could not answer ${challenger.id}`, () =>
    answer(stage, epoch - 1, { accused, worker }, challenger),
  );
  if (shown === true) return;
  await clock.reach(drawBlock + spec.answerBlocks + 1);
  await tolerated(stage, `the challenge of ${accused.id} could not be concluded`, () =>
    own.send(challenger, "conclude", [challenger.address]),
  );
}

/** A miner that reported something in the epoch before. */
async function anyone({ participants, clients }: ChainStage, epoch: number, random: Random) {
  for (const accused of random.shuffle(participants.miners)) {
    const worker = participants.workers[random.pick(accused.workers)];
    const [{ indices }] = (await (clients[accused.index] as CoalitionsClient).read("recording", [
      epoch - 1,
      accused.address,
    ])) as unknown as [{ readonly indices: readonly bigint[] }];
    if (worker !== undefined && indices.length > 0) return { accused, worker };
  }
  return undefined;
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
