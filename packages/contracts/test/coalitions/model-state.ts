import type { CoalitionsConfig } from "../../src/index.ts";
import { authority } from "./world.ts";

/** The coalitions as a plain model: what specs/coalition-contract.md says, in maps and lists, money counted at once. */
export interface ModelMiner {
  readonly address: string;
  coalition: bigint;
  registered: boolean;
  nonce: bigint;
  suspendedUntil: bigint;
}

export interface ModelWorker {
  good: bigint;
  bad: bigint;
  /** First epoch in which it may not sign; undefined while it is registered. */
  endsAt: bigint | undefined;
}

export interface ModelStatement {
  readonly samples: bigint;
  readonly root: string;
  readonly reputationBps: bigint;
  proved: boolean;
  failed: boolean;
  equivocated: boolean;
}

export interface ModelRecording {
  readonly workers: string[];
  open: number;
  isVoid: boolean;
}

export interface ModelSeat {
  readonly coalition: bigint;
  readonly weight: bigint;
  readonly value: bigint;
  /** 0 from a forfeit on. */
  partWei: bigint;
  /** Neither forfeited nor withdrawn. */
  earnedWei: bigint;
}

export interface ModelEpoch {
  readonly rewardWei: bigint;
  readonly valueSum: bigint;
  readonly normaliser: bigint;
  /** By miner, in the order of the list. */
  readonly seats: Map<string, ModelSeat>;
  /** Blocks, by coalition. */
  readonly won: Map<bigint, bigint>;
}

export interface ModelChallenge {
  readonly epoch: bigint;
  readonly accused: string;
  readonly worker: string;
  readonly drawBlock: bigint;
}

export interface ModelState {
  readonly config: CoalitionsConfig;
  block: bigint;
  lastRewarded: bigint;
  nextEpoch: bigint;
  lastCoalition: bigint;
  readonly miners: Map<string, ModelMiner>;
  /** Registered miners. */
  listed: string[];
  readonly workers: Map<string, ModelWorker>;
  /** By epoch and worker. */
  readonly statements: Map<string, ModelStatement>;
  /** By epoch and miner. */
  readonly recordings: Map<string, ModelRecording>;
  readonly epochs: Map<bigint, ModelEpoch>;
  readonly challenges: Map<string, ModelChallenge>;
  /** The samples behind a root. */
  readonly trees: Map<string, readonly Uint8Array[]>;
  pool: bigint;
  bonded: bigint;
  readonly credits: Map<string, bigint>;
}

export function emptyModel(config: CoalitionsConfig): ModelState {
  return {
    config,
    block: 0n,
    lastRewarded: 0n,
    nextEpoch: 0n,
    lastCoalition: 0n,
    miners: new Map(),
    listed: [],
    workers: new Map(),
    statements: new Map(),
    recordings: new Map(),
    epochs: new Map(),
    challenges: new Map(),
    trees: new Map(),
    pool: config.poolWei,
    bonded: 0n,
    credits: new Map(),
  };
}

/** The contract's error as the test's EVM writes it: name and arguments. */
export class Refusal extends Error {}

export function refuse(name: string, ...args: readonly unknown[]): never {
  throw new Refusal(`${name}(${args.map(String).join(",")})`);
}

export function demand(condition: boolean, name: string, ...args: readonly unknown[]): asserts condition {
  if (!condition) refuse(name, ...args);
}

export const keyOf = (epoch: bigint, address: string): string => `${epoch} ${address}`;

export function epochNow({ block, config }: ModelState): bigint {
  return block === 0n ? 0n : (block - 1n) / BigInt(config.epochBlocks);
}

export function demandAuthority(from: string): void {
  demand(from === authority, "NotAuthority");
}

export function registered(model: ModelState, address: string): ModelMiner {
  const miner = model.miners.get(address);
  if (miner === undefined || !miner.registered) refuse("NotMiner", address);
  return miner;
}

export function active(model: ModelState, address: string, epoch: bigint): ModelMiner {
  const miner = registered(model, address);
  demand(epoch >= miner.suspendedUntil, "Suspended", address, miner.suspendedUntil);
  return miner;
}

export function recordingOf(model: ModelState, epoch: bigint, miner: string): ModelRecording {
  const key = keyOf(epoch, miner);
  const recording = model.recordings.get(key) ?? { workers: [], open: 0, isVoid: false };
  model.recordings.set(key, recording);
  return recording;
}

export function credit(model: ModelState, address: string, wei: bigint): void {
  model.credits.set(address, (model.credits.get(address) ?? 0n) + wei);
}

export function observe(model: ModelState, worker: string, good: boolean): void {
  const entry = model.workers.get(worker) as ModelWorker;
  if (good) entry.good += 1n;
  else entry.bad += 1n;
}

/** Registered miners that would be in this coalition in the next epoch. */
export function membersOf(model: ModelState, coalition: bigint): readonly ModelMiner[] {
  return [...model.miners.values()].filter((each) => each.registered && each.coalition === coalition);
}
