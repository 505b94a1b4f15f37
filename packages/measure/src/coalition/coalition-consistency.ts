import type { RecordIssue } from "../parse-record.ts";
import type { ChainEpoch, CoalitionChain } from "./coalition-chain-record.ts";
import type { CoalitionRecord } from "./coalition-record.ts";
import { type CoalitionChange, type CoalitionPartition, partitionKey } from "./partition.ts";

type Path = RecordIssue["path"];

/**
 * [CRECORD.1] [CRECORD.2] The first part of the record that contradicts another: an id that two have, a worker that
 * is none, a list that is not one figure a player, coalitions that are no partition, steps that do not lead from
 * the first partition to the last.
 */
export function findInconsistency(record: CoalitionRecord): RecordIssue | undefined {
  for (const problem of inconsistencies(record)) return problem;
  return undefined;
}

function* inconsistencies(record: CoalitionRecord): Generator<RecordIssue> {
  yield* duplicates(record);
  const players = record.players.length;
  const { formation, utilities, stability, comparison, chain } = record;
  for (const name of ["alone", "final"] as const) {
    if (utilities[name].length !== players)
      yield { path: ["utilities", name], message: `must have one figure for each of ${players} players` };
  }
  const whole = (partition: CoalitionPartition, path: Path): Generator<RecordIssue> =>
    disjoint(partition, players, path, true);
  yield* whole(formation.start.partition, ["formation", "start", "partition"]);
  yield* whole(formation.final, ["formation", "final"]);
  yield* replayed(record);
  for (const [name, { witness }] of Object.entries(stability)) {
    if (witness !== null) yield* aligned(witness, players, ["stability", name, "witness"]);
  }
  for (const [i, { partition }] of comparison.alternatives.entries()) {
    if (partition !== null) yield* whole(partition, ["comparison", "alternatives", i, "partition"]);
  }
  for (const [i, epoch] of (chain?.epochs ?? []).entries()) {
    yield* epochInconsistencies(epoch, players, ["chain", "epochs", i, "coalitions"]);
  }
  if (chain !== null) yield* wonAsProposed(chain, players);
  for (const [i, { miner }] of (chain?.contributions ?? []).entries()) {
    if (miner >= players)
      yield { path: ["chain", "contributions", i, "miner"], message: `there is no player ${miner}` };
  }
  for (const list of ["miners", "events"] as const) {
    for (const [i, { miner }] of (chain?.[list] ?? []).entries()) {
      if (miner !== null && miner >= players)
        yield { path: ["chain", list, i, "miner"], message: `there is no player ${miner}` };
    }
  }
}

/** Coalitions that share no player, and win no more blocks than there are; where the contract weighted, shares of 1. */
function* epochInconsistencies(epoch: ChainEpoch, players: number, path: Path): Generator<RecordIssue> {
  const { coalitions, firstBlock, lastBlock, weights } = epoch;
  yield* disjoint(
    coalitions.map(({ members }) => members),
    players,
    path,
    false,
  );
  for (const own of coalitions) {
    if (own.memberShares.length !== own.members.length)
      yield { path, message: "must have one share a member" };
    if (own.laterRoundBlocks > own.blocksWon)
      yield { path, message: "more blocks of later rounds than blocks won" };
  }
  const won = coalitions.reduce((sum, { blocksWon }) => sum + blocksWon, 0);
  if (won > lastBlock - firstBlock + 1) yield { path, message: "more blocks won than the epoch has" };
  const shares = coalitions.reduce((sum, { predictedShare }) => sum + predictedShare, 0);
  if (weights === "contract" && Math.abs(shares - 1) > 1e-6)
    yield { path, message: `predicted shares sum to ${shares}, must to 1` };
}

/** Every coalition has won the blocks that its members proposed. */
function* wonAsProposed({ blocks, epochs }: CoalitionChain, players: number): Generator<RecordIssue> {
  for (const [i, { proposer }] of blocks.entries()) {
    if (proposer >= players)
      yield { path: ["chain", "blocks", i, "proposer"], message: `there is no player ${proposer}` };
  }
  for (const [i, { firstBlock, lastBlock, coalitions }] of epochs.entries()) {
    const own = blocks.slice(firstBlock - 1, lastBlock);
    const path = ["chain", "epochs", i, "coalitions"];
    if (own.length !== lastBlock - firstBlock + 1) yield { path, message: "has blocks that are not listed" };
    for (const { members, blocksWon, laterRoundBlocks } of coalitions) {
      const won = own.filter(({ proposer }) => members.includes(proposer));
      if (won.length !== blocksWon || won.filter(({ round }) => round > 0).length !== laterRoundBlocks)
        yield { path, message: `${members.join(",")} proposed other blocks than it has won` };
    }
  }
}

function* duplicates({ players, workers }: CoalitionRecord): Generator<RecordIssue> {
  for (const [list, rows] of Object.entries({ players, workers })) {
    const seen = new Set<string>();
    for (const [i, { id }] of rows.entries()) {
      if (seen.has(id)) yield { path: [list, i, "id"], message: `${id} is the id of two ${list}` };
      seen.add(id);
    }
  }
  const known = new Set(workers.map(({ id }) => id));
  for (const [i, player] of players.entries()) {
    const ghost = player.workers.find((id) => !known.has(id));
    if (ghost !== undefined)
      yield { path: ["players", i, "workers"], message: `${ghost} is no worker of the record` };
  }
}

/** Coalitions are ascending lists of players without one in common; `covering`: everybody is in one. */
function* disjoint(
  partition: CoalitionPartition,
  players: number,
  path: Path,
  covering: boolean,
): Generator<RecordIssue> {
  const seen = new Set<number>();
  for (const members of partition) {
    for (const [i, player] of members.entries()) {
      if (player >= players) yield { path, message: `there is no player ${player}` };
      if (i > 0 && player <= (members[i - 1] as number)) yield { path, message: "members must be ascending" };
      if (seen.has(player)) yield { path, message: `player ${player} is in two coalitions` };
      seen.add(player);
    }
  }
  if (covering && seen.size !== players)
    yield { path, message: `holds ${seen.size} of ${players} players, must hold all` };
}

/** [CRECORD.2] Each step replaces coalitions that are there by a partition of the same players. */
function* replayed({ formation, players }: CoalitionRecord): Generator<RecordIssue> {
  const present = new Map(formation.start.partition.map((members) => [members.join(","), members]));
  for (const [i, step] of formation.steps.entries()) {
    const path = ["formation", "steps", i];
    yield* aligned(step, players.length, path);
    for (const members of step.before) {
      if (!present.delete(members.join(",")))
        yield { path, message: `coalition ${members.join(",")} was not there` };
    }
    const concerned = (side: CoalitionPartition): string =>
      side
        .flat()
        .sort((a, b) => a - b)
        .join(",");
    const all = step.players.join(",");
    if (concerned(step.before) !== all || concerned(step.after) !== all)
      yield { path, message: "must have the same players before and after" };
    for (const members of step.after) present.set(members.join(","), members);
  }
  if (partitionKey([...present.values()]) !== partitionKey(formation.final))
    yield { path: ["formation", "final"], message: "is not what the steps lead to" };
}

function* aligned(change: CoalitionChange, players: number, path: Path): Generator<RecordIssue> {
  yield* disjoint(change.before, players, path, false);
  yield* disjoint(change.after, players, path, false);
  yield* disjoint([change.players], players, path, false);
  for (const list of ["utilitiesBefore", "utilitiesAfter"] as const) {
    if (change[list].length !== change.players.length)
      yield { path: [...path, list], message: "must have one figure for each of `players`" };
  }
}
