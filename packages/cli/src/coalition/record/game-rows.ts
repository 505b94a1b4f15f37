import { basename } from "node:path";
import type { CoalitionModel, CoalitionPlayer, CoalitionWorker } from "@sheaf/measure";
import type { BuiltGame } from "../build-game.ts";
import type { GameSpec } from "../coalition-file.ts";

/** Model, players and workers as the record has them. */
export function gameRows(
  spec: GameSpec,
  built: BuiltGame,
): {
  readonly model: CoalitionModel;
  readonly players: CoalitionPlayer[];
  readonly workers: CoalitionWorker[];
} {
  return { model: modelOf(spec, built), players: playersOf(built), workers: workersOf(built) };
}

type Parameter = CoalitionModel["parameters"][number];

function modelOf(spec: GameSpec, { game, sensing }: BuiltGame): CoalitionModel {
  const players: Parameter = { name: "players", value: game.players, unit: "", meaning: "Miners that play." };
  if (sensing === undefined) {
    return spec.kind === "table"
      ? {
          kind: "table",
          description:
            "A characteristic function that was given as a table: what each member of each coalition gets.",
          utilityUnit: "units of the table",
          parameters: [
            players,
            { name: "file", value: basename(spec.file), unit: "", meaning: "Where the table stands." },
          ],
        }
      : {
          kind: "equal-share",
          description: "Each member of a coalition gets the same, by the size of the coalition alone.",
          utilityUnit: "units",
          parameters: [
            players,
            {
              name: "perHead",
              value: spec.kind === "equal-share" ? spec.perHead.join(", ") : "",
              unit: "",
              meaning: "Utility of a member by size, from 1.",
            },
          ],
        };
  }
  const { scenario } = sensing;
  const row = (name: string, value: number | string, unit: string, meaning: string): Parameter => ({
    name,
    value,
    unit,
    meaning,
  });
  return {
    kind: "sensing",
    description:
      "u = P R - C - xi T (He, Wang and Li, equation 1): the award grows with the value of the distinct data of all workers picked, links between members cost, and the sensing task is shared.",
    utilityUnit: "tokens an epoch",
    parameters: [
      players,
      row("workers", scenario.workers.length, "", "Workers in the region."),
      row(
        "rewardTokens",
        scenario.rewardTokens,
        "tokens an epoch",
        "R: what the network gives for all data in one hand.",
      ),
      row("synergy", scenario.synergy, "", "Exponent of the value of distinct data."),
      row("split", scenario.split, "", "How members share what their coalition gets."),
      row("linkTokens", scenario.linkTokens, "tokens an epoch", "What a link to another member costs."),
      row("kilometreTokens", scenario.kilometreTokens, "tokens an epoch and km", "The same for its length."),
      row("workersPerMiner", scenario.workersPerMiner, "", "Most workers that a miner picks, by reputation."),
      row("reachKm", scenario.reachKm, "km", "A miner picks among workers at most this far away."),
      row("normaliser", sensing.normaliser, "", "V*: what the value of a coalition is measured by."),
    ],
  };
}

function playersOf({ game, sensing }: BuiltGame): CoalitionPlayer[] {
  return game.names.map((id, player) => {
    const miner = sensing?.scenario.miners[player];
    if (sensing === undefined || miner === undefined)
      return { id, position: null, powerCost: null, workers: [], ownValue: null };
    return {
      id,
      position: [miner.xKm, miner.yKm],
      powerCost: miner.tokensPerSecond,
      workers: (sensing.selections[player] ?? []).map((worker) => sensing.scenario.workers[worker]?.id ?? ""),
      ownValue: sensing.ownValues[player] ?? null,
    };
  });
}

function workersOf({ sensing }: BuiltGame): CoalitionWorker[] {
  return (sensing?.scenario.workers ?? []).map(({ id, xKm, yKm, samples, reputation, sensingSeconds }) => ({
    id,
    position: [xKm, yKm],
    samples,
    reputation,
    seconds: sensingSeconds,
  }));
}
