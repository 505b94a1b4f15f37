import { invalidInput } from "@sheaf/base";
import { distanceKm, type Scenario } from "./scenario.ts";

/**
 * W_m for each miner: the `workersPerMiner` workers of highest reputation within its reach, of equal ones that of
 * the smaller id [VALUE.1]. Indices into `scenario.workers`, ascending. Several miners may pick one worker.
 * `INVALID_INPUT` for a miner that reaches nobody.
 */
export function selectWorkers(scenario: Scenario, at = "scenario"): readonly (readonly number[])[] {
  const { workers, workersPerMiner, reachKm } = scenario;
  const byReputation = workers.map((_, index) => index);
  byReputation.sort((i, j) => {
    const [a, b] = [workers[i], workers[j]] as [(typeof workers)[number], (typeof workers)[number]];
    return b.reputation - a.reputation || (a.id < b.id ? -1 : 1);
  });
  return scenario.miners.map((miner) => {
    const picked: number[] = [];
    for (const index of byReputation) {
      const worker = workers[index] as (typeof workers)[number];
      if (Math.abs(worker.xKm - miner.xKm) > reachKm || distanceKm(miner, worker) > reachKm) continue;
      picked.push(index);
      if (picked.length === workersPerMiner) break;
    }
    if (picked.length === 0) {
      throw invalidInput(`${at} miner ${miner.id}`, "reaches no worker", "raise reachKm or add workers");
    }
    return picked.sort((a, b) => a - b);
  });
}
