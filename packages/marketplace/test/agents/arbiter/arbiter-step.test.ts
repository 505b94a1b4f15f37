import type { Hex } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { arbiterStep } from "../../../src/agents/arbiter/arbiter-step.ts";
import { type ArbiterInput, type ArbiterState, initialArbiter } from "../../../src/agents/arbiter/state.ts";
import { encodeBody } from "../../../src/agents/messages/codec.ts";
import type { AgentOutput, AgentPorts } from "../../../src/agents/ports.ts";
import { foldBlock } from "../../../src/agents/view/fold-events.ts";
import { emptyView, type MarketView } from "../../../src/agents/view/market-view.ts";
import type { Address, ChainEvent } from "../../../src/chain/types.ts";
import type { JobSpecInput } from "../../../src/job-spec.ts";
import { toyIdentity } from "../../simulation/identities.ts";
import { shortTerms, tinySpec } from "../../simulation/orders.ts";

const [self, accused, consumer] = [1, 2, 3].map((index) => toyIdentity(index).address) as [
  Address,
  Address,
  Address,
];
const HASH: Hex = `0x${"11".repeat(32)}`;
const ports = { self, scope: "1/x" } as AgentPorts;

type Told = ChainEvent extends infer E
  ? E extends ChainEvent
    ? Omit<E, "blockNumber" | "blockHash" | "transactionHash" | "logIndex">
    : never
  : never;

/** An arbiter that is shown one block after another. */
function arbiter() {
  let view: MarketView = emptyView;
  let state: ArbiterState = initialArbiter;
  let number = 0;
  const outputs: AgentOutput[] = [];
  const feed = (input: ArbiterInput): void => {
    const [next, done] = arbiterStep(state, input, ports);
    state = next;
    outputs.push(...done);
  };
  return {
    outputs,
    block(nowMs: number, ...told: readonly Told[]): void {
      number += 1;
      const block = { number, hash: HASH, timestampMs: nowMs };
      const place = { blockNumber: number, blockHash: HASH, transactionHash: HASH };
      const events = told.map((event, logIndex) => ({ ...event, ...place, logIndex }) as ChainEvent);
      view = foldBlock(view, block, events);
      feed({ type: "chain", nowMs, events, block, live: true, view });
    },
    message(nowMs: number, from: Address, transcript: Uint8Array): void {
      const body = encodeBody("transcript.answer", { round: 1, transcript });
      feed({ type: "message", nowMs, message: { from, to: self, job: 1n, kind: "transcript.answer", body } });
    },
  };
}

const job = { job: 1n } as const;
const licence = (subject: Address): Told => ({
  event: "issued",
  job: 0n,
  subject,
  role: "analyst",
  note: HASH,
});
const trainingWith = (
  change: Partial<JobSpecInput>,
  weights: readonly bigint[] = [1n, 1n, 1n],
): readonly Told[] => [
  licence(self),
  licence(accused),
  {
    event: "requested",
    ...job,
    consumer,
    price: 100n,
    spec: JSON.stringify(tinySpec("none", change)),
    terms: shortTerms,
  },
  { event: "awarded", ...job, analyst: accused, fee: 10n },
  { event: "selected", ...job, owners: [4, 5, 6].map((index) => toyIdentity(index).address) },
  { event: "roundOpened", ...job, round: 1, attempt: 1, stateHash: HASH, keysRoot: HASH, cohortBitmap: 7n },
  {
    event: "roundClosed",
    ...job,
    round: 1,
    survivorBitmap: 7n,
    updateHashes: [HASH, HASH, HASH],
    aggregateHash: HASH,
    nextStateHash: HASH,
  },
  { event: "delivered", ...job, stateHash: HASH, weights },
];
const training = trainingWith({});
const dispute = (round: number): Told => ({
  event: "disputed",
  ...job,
  by: consumer,
  round,
  accused,
  arbiters: 1,
});
const kinds = (outputs: readonly AgentOutput[]): string[] =>
  outputs.flatMap((output) =>
    output.type === "send" ? [output.kind] : output.type === "transact" ? [output.call.method] : [],
  );

describe("an arbiter", () => {
  it("asks the accused, four times, and then upholds [DISPUTE.4]", () => {
    const { block, outputs } = arbiter();
    block(0, ...training, dispute(1));
    for (let nowMs = 500; nowMs <= 16_000; nowMs += 500) block(nowMs);
    expect(kinds(outputs)).toEqual([...Array(4).fill("transcript.request"), "vote"]);
  });

  it("abstains from a dispute of weights that only the analyst's data can show [DISPUTE.5]", () => {
    const { block, outputs } = arbiter();
    block(0, ...trainingWith({ contribution: { method: "gtg" } }), dispute(0));
    for (let nowMs = 500; nowMs <= 29_000; nowMs += 500) block(nowMs);
    expect(kinds(outputs)).toEqual([]);
  });

  it.each([
    [[1n, 1n, 1n], false, "RECOMPUTED"],
    [[7n, 7n, 7n], false, "RECOMPUTED"],
    [[1n, 1n, 2n], true, "WRONG_WEIGHTS"],
    [[1n, 1n, 0n], true, "WRONG_WEIGHTS"],
  ] as const)(
    "compares weights by participation with the rounds survived: %s [DISPUTE.5]",
    (weights, upheld, because) => {
      const { block, outputs } = arbiter();
      block(0, ...trainingWith({}, weights), dispute(0));
      for (let nowMs = 500; nowMs <= 2_000; nowMs += 500) block(nowMs);
      const votes = outputs.flatMap((output) => (output.type === "transact" ? [output.call] : []));
      expect(votes).toEqual([{ method: "vote", job: 1n, upheld }]);
      expect(outputs).toContainEqual({
        type: "record",
        event: { kind: "decision", job: 1n, what: "vote", because },
      });
    },
  );

  it("ignores transcripts from others, and ones that cannot be read [DISPUTE.2] [DISPUTE.4]", () => {
    const { block, message, outputs } = arbiter();
    block(0, ...training, dispute(1));
    message(100, consumer, new Uint8Array([1, 2, 3]));
    message(200, accused, new Uint8Array([1, 2, 3]));
    expect(kinds(outputs)).toEqual(["transcript.request"]);
    expect(outputs).toContainEqual({
      type: "record",
      event: { kind: "rejected", job: 1n, from: accused, message: "transcript.answer", code: "MALFORMED" },
    });
  });

  it("that voted before it was restarted does not vote again [DISPUTE.6]", () => {
    const { block, outputs } = arbiter();
    block(0, ...training, dispute(1), { event: "voted", ...job, arbiter: self, upheld: true });
    for (let nowMs = 500; nowMs <= 29_000; nowMs += 500) block(nowMs);
    expect(kinds(outputs)).toEqual([]);
  });
});
