import type { Coalition } from "../game/coalition-game.ts";
import type { Worker } from "./scenario.ts";

/** Sums over the distinct workers that the members of a coalition picked. */
export interface Coverage {
  /** `samples`: sum of reputation times samples; `seconds`: sum of sensing times. */
  of(members: Coalition): { readonly samples: number; readonly seconds: number };
}

/** Coverage of coalitions; each worker counts once however many members picked it [VALUE.2]. */
export function createCoverage(
  workers: readonly Worker[],
  selections: readonly (readonly number[])[],
): Coverage {
  const picks = selections.map((selection) => Uint32Array.from(selection));
  const samplesOf = Float64Array.from(workers, ({ reputation, samples }) => reputation * samples);
  const secondsOf = Float64Array.from(workers, ({ sensingSeconds }) => sensingSeconds);
  // The number of the last call that counted the worker: a set that need not be emptied.
  const countedIn = new Float64Array(workers.length);
  let call = 0;
  return {
    of(members) {
      call += 1;
      let samples = 0;
      let seconds = 0;
      for (let i = 0; i < members.length; i++) {
        const picked = picks[members[i] as number] as Uint32Array;
        for (let j = 0; j < picked.length; j++) {
          const worker = picked[j] as number;
          if (countedIn[worker] === call) continue;
          countedIn[worker] = call;
          samples += samplesOf[worker] as number;
          seconds += secondsOf[worker] as number;
        }
      }
      return { samples, seconds };
    },
  };
}
