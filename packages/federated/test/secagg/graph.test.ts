import { createRandom, invalidInput } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { drawGroups, isRejection, leastSurvivors, thresholdFor } from "../../src/index.ts";
import { degreeOf, drawGraph, isConnected } from "../../src/secagg/graph.ts";
import { neighbourhoodSize } from "../../src/secagg/round.ts";
import { addresses, at, graphSeed, makeRound } from "./driver.ts";

const size = fc.integer({ min: 3, max: 60 });
const neighbours = fc.oneof(fc.constant("all" as const), fc.integer({ min: 2, max: 70 }));

describe("[SECAGG.6] the graph of masks", () => {
  it("gives every member the same number of neighbours, both ways, never itself, in one piece", () => {
    fc.assert(
      fc.property(size, neighbours, fc.integer(), (count, k, seed) => {
        const members = addresses(count);
        const graph = drawGraph(members, k, createRandom(seed).bytes(32));
        const degree = degreeOf(count, k);
        expect(degree).toBeGreaterThanOrEqual(Math.min(count - 1, k === "all" ? count : k));
        expect(degree).toBeLessThanOrEqual(k === "all" ? count - 1 : k + 1);
        for (const member of members) {
          const around = at(graph, member);
          expect(around.size).toBe(degree);
          expect(around.has(member)).toBe(false);
          for (const other of around) expect(at(graph, other).has(member)).toBe(true);
        }
        expect(isConnected(graph, members)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it("follows from the seed and the members alone, and differs between seeds", () => {
    const members = addresses(30);
    const shuffled = createRandom("order").shuffle(members);
    const graph = drawGraph(members, 6, graphSeed);
    const again = drawGraph(shuffled, 6, graphSeed);
    for (const member of members) expect(at(again, member)).toEqual(at(graph, member));
    const other = drawGraph(members, 6, new Uint8Array(32));
    expect(
      members.some((member) => [...at(graph, member)].some((next) => !at(other, member).has(next))),
    ).toBe(true);
  });

  it("makes every pair equally likely", () => {
    const members = addresses(8);
    const counts = new Map<string, number>();
    const random = createRandom("pairs");
    const draws = 4_000;
    for (let draw = 0; draw < draws; draw++) {
      const graph = drawGraph(members, 2, random.bytes(32));
      for (const [member, around] of graph) {
        for (const other of around)
          counts.set(`${member}${other}`, (counts.get(`${member}${other}`) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(8 * 7);
    // Each ordered pair has probability 2/7: within 5 standard deviations.
    const deviation = Math.sqrt(draws * (2 / 7) * (5 / 7));
    for (const count of counts.values())
      expect(Math.abs(count - (draws * 2) / 7)).toBeLessThan(5 * deviation);
  });

  it("[SECAGG.11] tells when what is left falls apart", () => {
    const members = addresses(10);
    const graph = drawGraph(members, 2, graphSeed);
    const [first] = members as [string];
    const [left, right] = [...at(graph, first)] as [string, string];
    expect(
      isConnected(
        graph,
        members.filter((member) => member !== left),
      ),
    ).toBe(true);
    expect(
      isConnected(
        graph,
        members.filter((member) => member !== left && member !== right),
      ),
    ).toBe(false);
  });
});

describe("[SECAGG.2] thresholds", () => {
  it("are more than half of a neighbourhood and no more than it", () => {
    fc.assert(
      fc.property(size, neighbours, fc.double({ min: 0, max: 1, noNaN: true }), (count, k, fraction) => {
        const threshold = thresholdFor(fraction, count, k);
        const around = neighbourhoodSize(count, k);
        expect(2 * threshold).toBeGreaterThan(around);
        expect(threshold).toBeLessThanOrEqual(around);
        expect(threshold).toBeGreaterThanOrEqual(Math.floor(fraction * around));
      }),
    );
    expect(thresholdFor(2 / 3, 100, "all")).toBe(67);
    expect(thresholdFor(2 / 3, 99, "all")).toBe(66);
    expect(thresholdFor(2 / 3, 100, 15)).toBe(11);
    expect(thresholdFor(0, 10, "all")).toBe(6);
    expect(thresholdFor(1, 10, 4)).toBe(5);
  });

  it("[SECAGG.3] ask for the same share of all members, and for three", () => {
    expect(leastSurvivors(makeRound(100))).toBe(67);
    expect(leastSurvivors(makeRound(100, { neighbours: 15 }))).toBe(Math.ceil((100 * 11) / 16));
    expect(leastSurvivors(makeRound(3, { threshold: 2 }))).toBe(3);
  });
});

describe("[SECAGG.7] groups", () => {
  it("hold everybody present once, in sizes that differ by at most one, with a majority for threshold", () => {
    fc.assert(
      fc.property(
        size,
        neighbours,
        fc.integer({ min: 3, max: 12 }),
        fc.integer(),
        (count, k, groupSize, seed) => {
          const random = createRandom(seed);
          const round = makeRound(count, { neighbours: k, fraction: random.pick([0, 2 / 3, 1]) });
          const present = random.shuffle(round.members).slice(0, Math.max(3, random.int(count + 1)));
          const groups = drawGroups(round, present, groupSize, random.bytes(32));
          if (isRejection(groups)) throw invalidInput("groups", groups.rejected);
          expect(groups.flatMap((group) => group.members).sort()).toEqual([...present].sort());
          const sizes = groups.map((group) => group.members.length);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
          if (present.length >= groupSize) expect(Math.min(...sizes)).toBeGreaterThanOrEqual(groupSize);
          for (const [index, group] of groups.entries()) {
            expect(group.group).toBe(index);
            expect(group.members).toEqual([...group.members].sort());
            expect(2 * group.threshold).toBeGreaterThan(neighbourhoodSize(group.members.length, k));
          }
          expect(drawGroups(round, [...present].sort(), groupSize, graphSeed)).toEqual(
            drawGroups(round, present, groupSize, graphSeed),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it("keep two thirds where the announced round asks for two thirds", () => {
    for (const [announced, size, threshold] of [
      [100, 6, 4],
      [100, 9, 6],
      [20, 6, 4],
      [20, 5, 4],
      [100, 3, 2],
    ] as const) {
      const round = makeRound(announced);
      const groups = drawGroups(round, round.members.slice(0, size), size, graphSeed);
      expect(groups).toMatchObject([{ threshold }]);
    }
  });

  it("differ between seeds", () => {
    const round = makeRound(12);
    expect(drawGroups(round, round.members, 4, graphSeed)).not.toEqual(
      drawGroups(round, round.members, 4, new Uint8Array(32)),
    );
  });

  it("[SECAGG.3] are refused for too few, for strangers, and below three", () => {
    const round = makeRound(9);
    expect(drawGroups(round, round.members, "cohort", graphSeed)).toEqual([round]);
    expect(drawGroups(round, round.members.slice(0, 5), "cohort", graphSeed)).toEqual({
      rejected: "TOO_FEW",
    });
    expect(drawGroups(round, round.members.slice(0, 2), 3, graphSeed)).toEqual({ rejected: "TOO_FEW" });
    const stranger = addresses(10).find((member) => !round.members.includes(member)) as string;
    expect(drawGroups(round, [stranger], 3, graphSeed)).toEqual({
      rejected: "UNKNOWN_MEMBER",
      member: stranger,
    });
    expect(() => drawGroups(round, round.members, 2, graphSeed)).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});
