import { expect } from "vitest";
import { account } from "../evm.ts";
import { applyToModel, type Call } from "./model.ts";
import { emptyModel, type ModelState, type Terms } from "./model-state.ts";
import { createWorld, everybody, firstLicences, lower, people, type World } from "./world.ts";

/** One job, id 1, in a world with its model beside it. */
export interface Story {
  readonly world: World;
  readonly model: ModelState;
  /** Performs calls, each of which must succeed on both sides. */
  play(...calls: readonly Call[]): Promise<void>;
  /** The error with which both sides refuse the call, hex in lower case. */
  refusal(call: Call): Promise<string>;
  setTime(now: bigint): void;
  later(seconds: bigint): void;
}

export const [consumer, otherConsumer] = people.consumers as [string, string];
export const [analyst, successor, arbiter, secondArbiter] = people.analysts as [
  string,
  string,
  string,
  string,
];
/** Four are selected; the fifth joined, the sixth was never asked. */
export const selected = people.owners.slice(0, 4);
export const [owner] = selected as [string];
export const joiner = people.owners[4] as string;
export const stranger = people.owners[5] as string;
export const outsider = account(51);

export const hash = (n: number): string => `0x${n.toString(16).padStart(64, "0")}`;
export const price = 1_000_000n;
export const fee = 100_000n;
export const startedAt = 1_000n;
export const terms: Terms = {
  offerSeconds: 100n,
  recruitSeconds: 200n,
  roundSeconds: 300n,
  resumeSeconds: 400n,
  disputeSeconds: 500n,
  minRounds: 2,
  maxRounds: 4,
  minOwners: 3,
  maxOwners: 4,
};

export async function createStory(): Promise<Story> {
  const world = await createWorld(everybody);
  const model = emptyModel();
  const story: Story = {
    world,
    model,
    async play(...calls) {
      for (const call of calls) {
        const expected = applyToModel(model, call);
        const { error } = await world.send(call);
        expect([call.name, expected, error && lower(error)]).toEqual([call.name, undefined, undefined]);
      }
    },
    async refusal(call) {
      const expected = applyToModel(model, call) ?? "none";
      const { error = "none" } = await world.send(call);
      expect(lower(error)).toBe(lower(expected));
      return error.replaceAll(/0x[0-9a-fA-F]+/g, (hex) => hex.toLowerCase());
    },
    setTime(now) {
      model.now = now;
      world.chain.block.timestamp = now;
      world.chain.block.number += 1n;
    },
    later: (seconds) => story.setTime(model.now + seconds),
  };
  await story.play(...firstLicences());
  story.setTime(startedAt);
  return story;
}

const by = (from: string, name: string, ...args: readonly unknown[]): Call => ({ from, name, args });

/** Calls for job 1; `calls.join(owner)`. */
export const calls = {
  request: (value = price, of: Terms = terms): Call => ({
    from: consumer,
    name: "request",
    args: ["0x7b7d", of],
    value,
  }),
  offer: (from = analyst, amount = fee): Call => by(from, "offer", 1n, amount),
  award: (to = analyst, from = consumer): Call => by(from, "award", 1n, to),
  cancel: (from = consumer): Call => by(from, "cancel", 1n),
  invite: (owners: readonly string[] = [...selected, joiner], from = analyst): Call =>
    by(from, "invite", 1n, owners),
  join: (from: string): Call => by(from, "join", 1n),
  decline: (from: string): Call => by(from, "decline", 1n),
  select: (owners: readonly string[] = selected, from = analyst): Call => by(from, "select", 1n, owners),
  open: (round: number, cohort = 0b1111n, from = analyst, state = hash(round)): Call =>
    by(from, "openRound", 1n, round, state, hash(0xc0), cohort),
  close: (round: number, survivors = 0b1111n, from = analyst): Call => {
    const count = survivors.toString(2).replaceAll("0", "").length;
    const hashes = Array.from({ length: count }, (_, i) => hash(0xa0 + i));
    return by(from, "closeRound", 1n, round, survivors, hashes, hash(0xa9), hash(round + 1));
  },
  takeOver: (from = successor): Call => by(from, "takeOver", 1n),
  abandon: (from = analyst): Call => by(from, "abandon", 1n),
  leave: (from: string): Call => by(from, "leaveJob", 1n),
  deliver: (weights: readonly bigint[] = [1n, 2n, 3n, 4n], state = hash(3), from = analyst): Call =>
    by(from, "deliver", 1n, state, weights),
  accept: (from = consumer): Call => by(from, "accept", 1n),
  dispute: (round: number, from = consumer, value = price / 20n): Call => ({
    ...by(from, "dispute", 1n, round),
    value,
  }),
  vote: (upheld: boolean, from = arbiter): Call => by(from, "vote", 1n, upheld),
  settle: (from = outsider): Call => by(from, "settle", 1n),
  expire: (from = outsider): Call => by(from, "expire", 1n),
  withdraw: (from: string): Call => by(from, "withdraw"),
  rate: (subject: string, from = consumer): Call => by(from, "rate", 1n, subject, 3, 1, 0),
  issue: (subject: string, role: number): Call => by(account(0), "issue", subject, role, hash(0)),
  revoke: (subject: string, role: number): Call => by(account(0), "revoke", subject, role),
} as const;

/** Calls up to the start of training, with `analyst` and `selected`. */
export const untilTraining: readonly Call[] = [
  calls.request(),
  calls.offer(),
  calls.award(),
  calls.invite(),
  ...[...selected, joiner].map((each) => calls.join(each)),
  calls.select(),
];

/** Two rounds; owner 3 does not survive the second. */
export const twoRounds: readonly Call[] = [
  calls.open(1),
  calls.close(1),
  calls.open(2),
  calls.close(2, 0b0111n),
];
