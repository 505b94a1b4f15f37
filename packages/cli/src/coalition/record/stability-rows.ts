import type {
  Blocking,
  Check,
  Coalition,
  CoalitionGame,
  DcWitness,
  DhpCheck,
  Move,
  StabilityReport,
} from "@sheaf/game";
import { canonicalPartition, partitionUtilities, utilitiesOf } from "@sheaf/game";
import type { CoalitionChange, CoalitionStability, DhpVerdict, NotionVerdict } from "@sheaf/measure";

/** The verdicts on the final partition, each with the deviation that refutes it. */
export function stabilityRows(
  game: CoalitionGame,
  final: readonly Coalition[],
  report: StabilityReport,
): CoalitionStability {
  return {
    dhp: dhpRow(report.dhp),
    dc: notionRow(report.dc, (witness) => changeOfDc(game, witness)),
    nash: notionRow(report.nash, (move) => changeOfMove(game, move)),
    individual: notionRow(report.individual, (move) => changeOfMove(game, move)),
    core: notionRow(report.core, (blocking) => changeOfBlocking(final, blocking)),
  };
}

function dhpRow({ verdict, statement, witness }: DhpCheck): DhpVerdict {
  return {
    verdict: verdict === "bounded" ? "not-refuted" : verdict,
    statement: sentence(statement),
    exact: verdict !== "bounded",
    witness:
      witness === null
        ? null
        : {
            before: lists(witness.from),
            after: lists(witness.to),
            players: [...witness.members],
            utilitiesBefore: [...witness.before],
            utilitiesAfter: [...witness.after],
          },
  };
}

const WORDS = { stable: "holds", unstable: "fails", "not-checked": "not-checked" } as const;

function notionRow<W>(
  { verdict, statement, witness }: Check<W>,
  toChange: (witness: W) => CoalitionChange,
): NotionVerdict {
  return {
    verdict: WORDS[verdict],
    statement: sentence(statement),
    witness: witness === null ? null : toChange(witness),
  };
}

/** The player goes; those that it leaves and those that it joins are what they are without and with it. */
function changeOfMove(game: CoalitionGame, { player, from, to }: Move): CoalitionChange {
  const left = from.filter((member) => member !== player);
  const joined = [...to, player].sort((a, b) => a - b);
  return change(
    game,
    [from, to].filter((members) => members.length > 0),
    [left, joined].filter((members) => members.length > 0),
  );
}

function changeOfDc(game: CoalitionGame, { kind, whole, parts }: DcWitness): CoalitionChange {
  return kind === "inside" ? change(game, [whole], parts) : change(game, parts, [whole]);
}

/** Where the others of their coalitions end up does not matter to those that block. */
function changeOfBlocking(
  final: readonly Coalition[],
  { members, before, after }: Blocking,
): CoalitionChange {
  return {
    before: lists(final.filter((coalition) => coalition.some((member) => members.includes(member)))),
    after: [[...members]],
    players: [...members],
    utilitiesBefore: [...before],
    utilitiesAfter: [...after],
  };
}

function change(
  game: CoalitionGame,
  before: readonly Coalition[],
  after: readonly Coalition[],
): CoalitionChange {
  const players = before.flat().sort((a, b) => a - b);
  const figures = (side: readonly Coalition[]): number[] => {
    const of = new Map<number, number>();
    for (const members of side) {
      const utilities = utilitiesOf(game, members);
      for (const [i, member] of members.entries()) of.set(member, utilities[i] as number);
    }
    return players.map((player) => of.get(player) as number);
  };
  return {
    before: lists(canonicalPartition(before)),
    after: lists(canonicalPartition(after)),
    players,
    utilitiesBefore: figures(before),
    utilitiesAfter: figures(after),
  };
}

const lists = (partition: readonly Coalition[]): number[][] => partition.map((members) => [...members]);

function sentence(text: string): string {
  const [first = "", ...rest] = text;
  return `${first.toUpperCase()}${rest.join("")}${text.endsWith(".") ? "" : "."}`;
}

/** Utility of each player alone. */
export function aloneUtilities(game: CoalitionGame): number[] {
  return [
    ...partitionUtilities(
      game,
      Array.from({ length: game.players }, (_, player) => [player]),
    ),
  ];
}
