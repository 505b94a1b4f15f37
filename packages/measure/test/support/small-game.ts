import type { Random } from "@sheaf/base";
import type { CoalitionChange, CoalitionPlayer, CoalitionWorker, FormationStep } from "../../src/index.ts";

/** Utility of each member of a coalition, in the order of its members. */
export type Utilities = (members: readonly number[]) => readonly number[];

export interface Scenario {
  readonly players: readonly CoalitionPlayer[];
  readonly workers: readonly CoalitionWorker[];
  readonly utilities: Utilities;
  /** V(S): (samples that count)^beta. */
  readonly value: (members: readonly number[]) => number;
}

/** A small sensing game in the plane, by the formulas of the coalition spec: enough to make believable records. */
export function sensingScenario(miners: number, random: Random, synergy = 1.5, reward = 900): Scenario {
  const side = 6 * Math.sqrt(miners);
  const place = (): [number, number] => [round(random.float() * side), round(random.float() * side)];
  const workers = Array.from({ length: miners * 3 }, (_, i) => ({
    id: `worker-${i + 1}`,
    position: place(),
    samples: 40 + random.int(160),
    reputation: round(0.4 + 0.6 * random.float()),
    seconds: round(20 + 60 * random.float()),
  }));
  const bare = Array.from({ length: miners }, (_, i) => ({
    id: `miner-${i + 1}`,
    position: place(),
    powerCost: round(0.01 + 0.03 * random.float()),
  }));
  const players = bare.map((miner) => {
    const near = [...workers]
      .sort((a, b) => distance(a.position, miner.position) - distance(b.position, miner.position))
      .slice(0, 6)
      .sort((a, b) => b.reputation - a.reputation)
      .slice(0, 4);
    const ownValue = near.reduce((sum, worker) => sum + worker.reputation * worker.samples, 0);
    return { ...miner, workers: near.map(({ id }) => id), ownValue };
  });
  const byId = new Map(workers.map((worker) => [worker.id, worker]));
  const distinct = (members: readonly number[]) =>
    [...new Set(members.flatMap((i) => players[i]?.workers ?? []))].map(
      (id) => byId.get(id) as (typeof workers)[0],
    );
  const value = (members: readonly number[]): number =>
    distinct(members).reduce((sum, { samples, reputation }) => sum + samples * reputation, 0) ** synergy;
  const whole = Math.max(
    players.reduce((sum, { ownValue }) => sum + ownValue, 0) ** synergy,
    players.reduce((sum, { ownValue }) => sum + ownValue ** synergy, 0),
  );
  const utilities: Utilities = (members) => {
    const own = members.map((i) => players[i] as (typeof players)[0]);
    const total = own.reduce((sum, { ownValue }) => sum + ownValue, 0);
    const seconds = distinct(members).reduce((sum, worker) => sum + worker.seconds, 0) / members.length;
    return own.map((miner) => {
      const links = own.reduce(
        (sum, other) => sum + (other === miner ? 0 : 0.5 + 0.3 * distance(miner.position, other.position)),
        0,
      );
      return (value(members) / whole) * reward * (miner.ownValue / total) - links - miner.powerCost * seconds;
    });
  };
  return { players, workers, utilities, value };
}

/** Everybody by itself. */
export function singletons(players: number): number[][] {
  return Array.from({ length: players }, (_, i) => [i]);
}

/** Utilities of all players in a partition. */
export function utilitiesIn(partition: readonly (readonly number[])[], utilities: Utilities): number[] {
  const all: number[] = [];
  for (const members of partition) {
    for (const [i, own] of utilities(members).entries()) all[members[i] as number] = own;
  }
  return all;
}

/** Pairwise merges and two-way splits until none applies. */
export function mergeAndSplit(
  players: number,
  utilities: Utilities,
): { readonly steps: FormationStep[]; readonly final: number[][] } {
  let partition = singletons(players);
  const steps: FormationStep[] = [];
  for (;;) {
    const found = firstMerge(partition, utilities) ?? firstSplit(partition, utilities);
    if (found === undefined) return { steps, final: partition };
    const left = partition.filter((members) => !found.before.includes(members));
    partition = [...left, ...found.after.map((members) => [...members])].sort(byFirst);
    const all = utilitiesIn(partition, utilities);
    steps.push({
      ...found,
      kind: found.before.length > 1 ? "merge" : "split",
      sum: all.reduce((sum, own) => sum + own, 0),
      minimum: Math.min(...all),
    });
  }
}

function firstMerge(partition: number[][], utilities: Utilities): CoalitionChange | undefined {
  for (const [i, a] of partition.entries()) {
    for (const b of partition.slice(i + 1)) {
      const change = changeOf([a, b], [[...a, ...b].sort((x, y) => x - y)], utilities);
      if (isBetter(change)) return change;
    }
  }
  return undefined;
}

function firstSplit(partition: number[][], utilities: Utilities): CoalitionChange | undefined {
  for (const members of partition) {
    for (let mask = 1; mask < 2 ** (members.length - 1); mask++) {
      const inside = (player: number, i: number): boolean => player >= 0 && ((mask >> i) & 1) === 1;
      const parts = [members.filter((p, i) => !inside(p, i)), members.filter(inside)];
      const change = changeOf([members], parts.sort(byFirst), utilities);
      if (isBetter(change)) return change;
    }
  }
  return undefined;
}

/** What a change does to those concerned. */
export function changeOf(before: number[][], after: number[][], utilities: Utilities): CoalitionChange {
  const players = before.flat().sort((a, b) => a - b);
  const pick = (side: number[][]): number[] => {
    const all = utilitiesIn(side, utilities);
    return players.map((player) => all[player] as number);
  };
  return { before, after, players, utilitiesBefore: pick(before), utilitiesAfter: pick(after) };
}

function isBetter({ utilitiesBefore, utilitiesAfter }: CoalitionChange): boolean {
  const gains = utilitiesAfter.map((own, i) => own - (utilitiesBefore[i] as number));
  return gains.every((gain) => gain > -1e-9) && gains.some((gain) => gain > 1e-9);
}

const byFirst = (a: readonly number[], b: readonly number[]): number => (a[0] ?? 0) - (b[0] ?? 0);

function distance(a: readonly [number, number], b: readonly [number, number]): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
