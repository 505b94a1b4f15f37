import { numberWord } from "../page/format.ts";
import type { ArmView } from "./run-view.ts";

/** Whether the arm's chains belong to somebody else: nothing is known of their validators but the endpoints. */
export function isForeign({ record, analysis }: Pick<ArmView, "record" | "analysis">): boolean {
  return !analysis.resources.ownValidators && record.limits.blockPeriodMs === null;
}

/** "one chain of four validators", "three parallel chains of four validators", "one chain behind one endpoint". */
export function networkOf(arm: ArmView): string {
  const { chains, validatorsPerChain: count } = arm.record;
  const own = chains === 1 ? "one chain" : `${numberWord(chains)} parallel chains`;
  const noun = isForeign(arm) ? "endpoint" : "validator";
  const observed = `${numberWord(count)} ${noun}${count === 1 ? "" : "s"}`;
  return `${own} ${isForeign(arm) ? "behind" : "of"} ${observed}${isForeign(arm) && chains > 1 ? " each" : ""}`;
}

/** [LATENCY.2] Who must have shown a block for the threshold "all". */
export function everyObserver(arms: readonly ArmView[]): string {
  if (arms.every(isForeign)) {
    return arms.every(({ record }) => record.validatorsPerChain === 1)
      ? "the endpoint"
      : "all observed endpoints";
  }
  return arms.some(hasFaults) ? "all validators that were up" : "all validators";
}

/** Whether the arm's fault schedule took a validator down. */
export function hasFaults({ record }: Pick<ArmView, "record">): boolean {
  return record.faults.length > 0;
}
