import { CodedError, invalidInput } from "@sheaf/base";
import type { ContributionErrorDetail, Utility } from "./utility.ts";

/** A utility that is asked at most once for each coalition [CONTRIBUTION.2]. */
export interface MemoisedUtility {
  /** Members in any order. */
  value(members: readonly number[]): Promise<number>;
  readonly evaluations: number;
}

/** Remembers every value; `NOT_FINITE` when one is NaN or infinite, `INVALID_INPUT` for a bad member count. */
export function memoise(members: number, utility: Utility): MemoisedUtility {
  if (!(Number.isInteger(members) && members >= 1)) {
    throw invalidInput("members", `${members} is no positive integer`);
  }
  const known = new Map<string, number>();
  return {
    async value(coalition) {
      const sorted = [...coalition].sort((a, b) => a - b);
      const key = sorted.join();
      const remembered = known.get(key);
      if (remembered !== undefined) return remembered;
      const value = await utility(sorted);
      if (!Number.isFinite(value)) throw notFinite(`the utility of {${key}}`);
      known.set(key, value);
      return value;
    },
    get evaluations() {
      return known.size;
    },
  };
}

/** `NOT_FINITE`. */
export function notFinite(what: string): CodedError<ContributionErrorDetail> {
  return new CodedError(`${what} is not a finite number`, { code: "NOT_FINITE", what });
}
