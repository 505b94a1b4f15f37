import { describe, expect, it } from "vitest";
import type { SeenEvent } from "../src/train/record/market-sight.ts";
import { opinionRows } from "../src/train/record/reputation-rows.ts";

const address = (digit: number): `0x${string}` => `0x${String(digit).repeat(40)}`;
const [analyst, ...owners] = [1, 2, 3, 4].map(address) as [`0x${string}`, ...`0x${string}`[]];
const agents = [analyst, ...owners].map((own, index) => ({ name: `agent-${index}`, address: own }));

let block = 0;
function seen(from: string, facts: object): SeenEvent {
  block += 1;
  return { job: 1n, from, transaction: { hash: "0x", block, gasUsed: 1 }, ...facts } as unknown as SeenEvent;
}

const closed = (round: number, survivorBitmap: bigint): SeenEvent =>
  seen(analyst, { event: "roundClosed", round, survivorBitmap });
const rated = (subject: string, positive: number, uncertain: number): SeenEvent =>
  seen(analyst, { event: "rated", rater: analyst, subject, positive, negative: 0, uncertain });

describe("trust over rounds", () => {
  const events = [
    seen(analyst, { event: "selected", owners }),
    closed(1, 0b111n),
    closed(2, 0b011n),
    ...owners.map((owner, index) => rated(owner, index === 2 ? 1 : 2, index === 2 ? 1 : 0)),
  ];
  const rows = opinionRows(0, events, agents);
  const trust = (agent: number, round: number | null): number | undefined =>
    rows.find((row) => row.agent === `agent-${agent}` && row.round === round)?.trust;

  it("is given before the first round, after each, and at the end; after rounds for the owners alone", () => {
    expect([...new Set(rows.map(({ round }) => round))]).toEqual([0, 1, 2, null]);
    expect(rows.filter(({ round }) => round === 1).map(({ agent }) => agent)).toEqual([
      "agent-1",
      "agent-2",
      "agent-3",
    ]);
  });

  it("rises with rounds survived, and after the last is what the ratings on chain say", () => {
    expect(trust(1, 1)).toBeGreaterThan(trust(1, 0) as number);
    expect(trust(1, 2)).toBeGreaterThan(trust(1, 1) as number);
    expect(trust(3, 2)).toBeLessThan(trust(1, 2) as number);
    for (const agent of [1, 2, 3]) expect(trust(agent, 2)).toBeCloseTo(trust(agent, null) as number, 6);
  });
});
