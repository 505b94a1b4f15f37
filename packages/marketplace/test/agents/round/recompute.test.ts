import { decodeServerState, encodeServerState } from "@sheaf/federated";
import { describe, expect, it } from "vitest";
import { type Recomputed, recomputeRound } from "../../../src/agents/round/recompute.ts";
import {
  decodeRoundTranscript,
  encodeRoundTranscript,
  type RoundTranscript,
} from "../../../src/agents/round/transcript.ts";
import type { ClosedRound, JobFacts } from "../../../src/agents/view/market-view.ts";
import type { JobSpecInput } from "../../../src/job-spec.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { factsOf, portsFor } from "../support/look.ts";
import { calls, type Seat } from "../support/table.ts";
import { hashOf } from "../support/toy-market.ts";
import { startTraining } from "../support/training.ts";

interface Case {
  readonly seat: Seat;
  readonly facts: JobFacts;
  readonly closed: ClosedRound;
  readonly transcript: RoundTranscript;
}

async function honestRound(privacy: JobSpecInput["privacy"], owners = 6): Promise<Case> {
  const { table, analyst } = await startTraining({ owners, spec: tinySpec("none", { privacy }) });
  await table.run(() => calls(analyst, "deliver").length > 0);
  const facts = factsOf(analyst, table);
  const transcript = decodeRoundTranscript(analyst.saved.get("bulk/1/2") ?? new Uint8Array());
  const closed = facts.rounds[1];
  if (transcript === undefined || closed === undefined) throw new TypeError("no round");
  return { seat: analyst, facts, closed, transcript };
}

const verdict = ({ seat, facts, closed, transcript }: Case): Recomputed =>
  recomputeRound(portsFor(seat), facts, closed, transcript);
const flip = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte));
const broken = (code: string) => ({ holds: false, code });

const masked = { mode: "secagg", secagg: { groupSize: 3, threshold: 0.6 } } as const;
const noised = {
  mode: "dp",
  dp: { clip: 1, noiseMultiplier: 1, delta: 1e-5, epsilonBudget: 99, noise: "central" },
} as const;

describe("what an arbiter finds in a round [PHASE.11]", () => {
  it("that holds: the next state, as it was committed", async () => {
    for (const privacy of [{ mode: "none" }, masked, noised] as const) {
      const round = await honestRound(privacy);
      const found = verdict(round);
      expect(found.holds).toBe(true);
      if (found.holds) expect(portsFor(round.seat).keccak256(found.next)).toBe(round.closed.nextStateHash);
      expect(decodeRoundTranscript(encodeRoundTranscript(round.transcript))).toEqual(round.transcript);
    }
  });

  it("with other commitments on chain", async () => {
    const round = await honestRound({ mode: "none" });
    const on = (change: Partial<ClosedRound>): Recomputed =>
      verdict({ ...round, closed: { ...round.closed, ...change } });
    const { updateHashes, survivorBitmap, opening } = round.closed;
    expect(on({ aggregateHash: hashOf("x") })).toEqual(broken("WRONG_AGGREGATE"));
    expect(on({ nextStateHash: hashOf("x") })).toEqual(broken("WRONG_NEXT_STATE"));
    expect(on({ updateHashes: [...updateHashes].reverse() })).toEqual(broken("WRONG_UPDATE_HASH"));
    expect(on({ survivorBitmap: survivorBitmap - 1n })).toEqual(broken("WRONG_SURVIVORS"));
    expect(on({ opening: { ...opening, stateHash: hashOf("x") } })).toEqual(broken("WRONG_STATE"));
    expect(on({ round: 1 })).toEqual(broken("WRONG_ROUND"));
  });

  it("with other updates, weights or noise in the transcript", async () => {
    const round = await honestRound(noised);
    const given = (change: Partial<RoundTranscript>): Recomputed =>
      verdict({ ...round, transcript: { ...round.transcript, ...change } });
    const { updates, previous, noiseSeed } = round.transcript;
    const [first, ...rest] = updates;
    if (first === undefined || noiseSeed === undefined) throw new TypeError("no updates");
    expect(given({ noiseSeed: flip(noiseSeed, 0) })).toEqual(broken("WRONG_AGGREGATE"));
    // No noise at all is not a smaller fault [PHASE.7].
    expect(given({ noiseSeed: undefined })).toEqual(broken("NO_NOISE_SEED"));
    expect(given({ noiseSeed: noiseSeed.slice(1) })).toEqual(broken("NO_NOISE_SEED"));
    expect(given({ updates: [{ ...first, loss: 1 }, ...rest] })).toEqual(broken("BAD_LOSS"));
    expect(given({ updates: [{ ...first, values: flip(first.values, 0) }, ...rest] })).toEqual(
      broken("WRONG_UPDATE_HASH"),
    );
    expect(given({ updates: rest })).toEqual(broken("WRONG_SURVIVORS"));
    expect(given({ updates: [{ ...first, weight: 9 }, ...rest] })).toEqual(broken("BAD_WEIGHT"));
    expect(given({ updates: [{ ...first, values: new Uint8Array(4) }, ...rest] })).toEqual(
      broken("MALFORMED_UPDATE"),
    );
    const state = decodeServerState(previous);
    if (state === undefined) throw new TypeError("no state");
    expect(given({ previous: encodeServerState({ ...state, round: 7 }) })).toEqual(broken("WRONG_STATE"));
  });

  it("with an update that counts for more than its owner said, or twice [PHASE.10]", async () => {
    const round = await honestRound({ mode: "none" });
    const { updates } = round.transcript;
    const [first, ...rest] = updates;
    if (first === undefined) throw new TypeError("no updates");
    const given = (doctored: RoundTranscript["updates"]): Recomputed =>
      verdict({ ...round, transcript: { ...round.transcript, updates: doctored } });
    // What the analyst would commit to if it counted the updates so: the owners' hashes stay on chain.
    expect(given([{ ...first, weight: first.weight + 1 }, ...rest])).toEqual(broken("WRONG_UPDATE_HASH"));
    expect(given([{ ...first, loss: 0 }, ...rest])).toEqual(broken("WRONG_UPDATE_HASH"));
    expect(given([first, first, ...rest])).toEqual(broken("OWNERS_NOT_IN_ORDER"));
    expect(given([...rest, first])).toEqual(broken("OWNERS_NOT_IN_ORDER"));
  });

  it("with other masked words, keys, groups or cohorts in the transcript", async () => {
    const round = await honestRound(masked);
    const given = (change: Partial<RoundTranscript>): Recomputed =>
      verdict({ ...round, transcript: { ...round.transcript, ...change } });
    const { groups, adverts, announced } = round.transcript;
    const [first, second] = groups;
    if (first === undefined || second === undefined || adverts === undefined)
      throw new TypeError("no groups");
    expect(given({ groups: [first] })).toEqual(broken("WRONG_SURVIVORS"));
    expect(given({ groups: [] }).holds).toBe(false);
    expect(
      given({
        groups: [
          { group: 0, transcript: second.transcript },
          { group: 1, transcript: first.transcript },
        ],
      }),
    ).toEqual(broken("WRONG_ROUND"));
    expect(given({ adverts: adverts.slice(0, -1) }).holds).toBe(false);
    expect(given({ adverts: flip(adverts, adverts.length - 100) }).holds).toBe(false);
    expect(given({ announced: flip(announced, 31) }).holds).toBe(false);
    expect(given({ attempt: 9 }).holds).toBe(false);
    // Any bit of what was sent or opened, wherever it lies, is found.
    for (let at = 100; at < first.transcript.length; at += 211) {
      const spoiled = given({ groups: [{ ...first, transcript: flip(first.transcript, at) }, second] });
      // The seed of the graph and the group's own copy of the keys are taken from the chain instead.
      if (spoiled.holds) expect(at).toBeLessThan(900);
    }
    const last = flip(first.transcript, first.transcript.length - 70);
    expect(given({ groups: [{ ...first, transcript: last }, second] }).holds).toBe(false);
  });

  it("with an input that its owner did not sign, in any mode [PHASE.13]", async () => {
    for (const privacy of [{ mode: "none" }, masked, noised] as const) {
      const round = await honestRound(privacy);
      const given = (signatures: readonly Uint8Array[]): Recomputed =>
        verdict({ ...round, transcript: { ...round.transcript, signatures: [...signatures] } });
      const { signatures } = round.transcript;
      const [first, second, ...rest] = signatures as [Uint8Array, Uint8Array, ...Uint8Array[]];
      expect(given(signatures).holds).toBe(true);
      for (const other of [
        [second, first, ...rest],
        [flip(first, 30), second, ...rest],
        [second, ...rest],
        [first, second, ...rest, first],
        [],
      ]) {
        expect(given(other)).toEqual(broken("UNSIGNED_INPUT"));
      }
      // A signature of the same input in another attempt says nothing about this one.
      const moved = verdict({ ...round, transcript: { ...round.transcript, attempt: 7 } });
      expect(moved.holds).toBe(false);
    }
  });

  it("bytes that are no transcript are nothing", () => {
    expect(decodeRoundTranscript(new Uint8Array([1, 2, 3]))).toBeUndefined();
    expect(decodeRoundTranscript(new Uint8Array())).toBeUndefined();
  });
});
