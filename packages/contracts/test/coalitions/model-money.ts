import { bytesEqual } from "@sheaf/base";
import { AbiCoder, keccak256 } from "ethers";
import { coalitionEpoch, sampleProof } from "../../src/index.ts";
import { blockHash, keccak } from "../evm.ts";
import { shareOut } from "../market/shares.ts";
import { expel } from "./model-members.ts";
import {
  active,
  credit,
  demand,
  epochNow,
  keyOf,
  type ModelChallenge,
  type ModelEpoch,
  type ModelState,
  type ModelStatement,
  observe,
  recordingOf,
  refuse,
} from "./model-state.ts";
import { systemAddress } from "./world.ts";

/** Fixes the epoch of this block, if that was not done. */
export function begin(model: ModelState): void {
  const epoch = epochNow(model);
  if (epoch < model.nextEpoch) return;
  model.nextEpoch = epoch + 1n;
  model.epochs.set(epoch, draft(model, epoch));
}

/** The next epoch, if nothing happens until then. */
export function draft(model: ModelState, epoch: bigint): ModelEpoch {
  const miners = model.listed.map((address) => {
    const miner = model.miners.get(address);
    const suspended = epoch < (miner?.suspendedUntil ?? 0n);
    const workers = suspended ? [] : (model.recordings.get(keyOf(epoch - 1n, address))?.workers ?? []);
    return {
      coalition: miner?.coalition ?? 0n,
      data: workers.map((worker) => {
        const { samples, reputationBps } = model.statements.get(keyOf(epoch - 1n, worker)) as ModelStatement;
        return { worker, samples, reputationBps };
      }),
    };
  });
  const { seats, ...sums } = coalitionEpoch(miners, model.config);
  const entries = seats.map(({ weight, value, partWei }, i) => {
    const coalition = miners[i]?.coalition ?? 0n;
    return [model.listed[i] as string, { coalition, weight, value, partWei, earnedWei: 0n }] as const;
  });
  return { ...sums, seats: new Map(entries), won: new Map() };
}

export function onBlock(model: ModelState, from: string, _: bigint, proposer: string): void {
  demand(from === systemAddress, "NotSystem");
  demand(model.block > model.lastRewarded, "AlreadyRewarded");
  model.lastRewarded = model.block;
  const epoch = model.epochs.get(epochNow(model)) as ModelEpoch;
  const winner = epoch.seats.get(proposer);
  if (winner === undefined) return;
  epoch.won.set(winner.coalition, (epoch.won.get(winner.coalition) ?? 0n) + 1n);
  const members = [...epoch.seats.values()].filter(({ coalition }) => coalition === winner.coalition);
  const parts = members.map(({ partWei }) => partWei);
  const whole = parts.reduce((sum, each) => sum + each, 0n);
  if (whole === 0n) return;
  const paid = whole <= model.pool ? parts : shareOut(model.pool, parts);
  members.forEach((seat, i) => {
    seat.earnedWei += paid[i] as bigint;
    model.pool -= paid[i] as bigint;
  });
}

export function withdraw(model: ModelState, from: string, _: bigint, epochs: readonly bigint[]): void {
  let amount = model.credits.get(from) ?? 0n;
  model.credits.set(from, 0n);
  for (const epoch of epochs) {
    demand(!isLocked(model, epoch, from), "StillLocked", epoch);
    const seat = model.epochs.get(epoch)?.seats.get(from);
    if (seat === undefined) continue;
    amount += seat.earnedWei;
    seat.earnedWei = 0n;
  }
  demand(amount > 0n, "NothingToWithdraw");
}

export function isLocked(model: ModelState, epoch: bigint, miner: string): boolean {
  const open = model.recordings.get(keyOf(epoch - 1n, miner))?.open ?? 0;
  return epoch >= epochNow(model) || open > 0;
}

export function challenge(
  model: ModelState,
  from: string,
  value: bigint,
  epoch: bigint,
  accused: string,
  worker: string,
): void {
  const now = epochNow(model);
  demand(epoch + 1n === now, "WrongEpoch", now);
  active(model, from, now);
  demand(from !== accused, "OwnContribution");
  demand(!model.challenges.has(from), "AlreadyChallenging");
  const recording = recordingOf(model, epoch, accused);
  demand(recording.workers.includes(worker), "NotRecorded");
  demand(!recording.isVoid, "AlreadyVoid");
  demand(value === model.config.bondWei, "WrongBond", model.config.bondWei);
  model.bonded += value;
  recording.open += 1;
  model.challenges.set(from, { epoch, accused, worker, drawBlock: model.block + 1n });
}

/** The leaf that a challenge draws. */
export function drawnLeaf(model: ModelState, challenger: string): bigint {
  const { epoch, worker, drawBlock } = model.challenges.get(challenger) as ModelChallenge;
  const words = AbiCoder.defaultAbiCoder().encode(["bytes32", "address"], [blockHash(drawBlock), challenger]);
  return BigInt(keccak256(words)) % (model.statements.get(keyOf(epoch, worker)) as ModelStatement).samples;
}

export function answer(
  model: ModelState,
  from: string,
  _: bigint,
  challenger: string,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
): void {
  const entry = opened(model, challenger);
  const deadline = entry.drawBlock + BigInt(model.config.answerBlocks);
  demand(from === entry.accused, "NotAccused");
  demand(model.block > entry.drawBlock, "TooEarly", entry.drawBlock);
  demand(model.block <= deadline, "TooLate", deadline);
  const statement = model.statements.get(keyOf(entry.epoch, entry.worker)) as ModelStatement;
  const index = Number(drawnLeaf(model, challenger));
  const samples = model.trees.get(statement.root) ?? [];
  const right =
    BigInt(samples.length) === statement.samples &&
    bytesEqual(leaf, samples[index] as Uint8Array) &&
    sameHashes(proof, sampleProof(samples, index, keccak));
  demand(right, "WrongProof", index);
  if (!statement.proved) observe(model, entry.worker, true);
  statement.proved = true;
  close(model, challenger, from);
}

export function conclude(model: ModelState, _from: string, _: bigint, challenger: string): void {
  const entry = opened(model, challenger);
  const deadline = entry.drawBlock + BigInt(model.config.answerBlocks);
  demand(model.block > deadline, "TooEarly", deadline);
  const recording = recordingOf(model, entry.epoch, entry.accused);
  if (!recording.isVoid) {
    recording.isVoid = true;
    uphold(model, challenger, entry);
  }
  close(model, challenger, challenger);
}

function uphold(model: ModelState, challenger: string, { epoch, accused, worker }: ModelChallenge): void {
  const miner = model.miners.get(accused);
  if (miner) miner.suspendedUntil = epochNow(model) + 1n + BigInt(model.config.suspensionEpochs);
  expel(model, accused);
  const seat = model.epochs.get(epoch + 1n)?.seats.get(accused);
  if (seat !== undefined) {
    const share = seat.earnedWei / 4n;
    model.pool += seat.earnedWei - share;
    credit(model, challenger, share);
    seat.earnedWei = 0n;
    seat.partWei = 0n;
  }
  const statement = model.statements.get(keyOf(epoch, worker)) as ModelStatement;
  if (!statement.proved && !statement.failed) {
    statement.failed = true;
    observe(model, worker, false);
  }
}

function opened(model: ModelState, challenger: string): ModelChallenge {
  return model.challenges.get(challenger) ?? refuse("NoChallenge");
}

function close(model: ModelState, challenger: string, bondTo: string): void {
  const { epoch, accused } = opened(model, challenger);
  recordingOf(model, epoch, accused).open -= 1;
  model.challenges.delete(challenger);
  model.bonded -= model.config.bondWei;
  credit(model, bondTo, model.config.bondWei);
}

function sameHashes(some: readonly Uint8Array[], others: readonly Uint8Array[]): boolean {
  return some.length === others.length && some.every((each, i) => bytesEqual(each, others[i] as Uint8Array));
}
