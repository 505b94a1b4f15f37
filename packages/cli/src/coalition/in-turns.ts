import type { Millis } from "@sheaf/base";
import type { Formation, FormationSteps } from "@sheaf/game";

/** How long a formation may keep the process from anything else, unless one look takes longer. */
const TURN_MS: Millis = 50;

/** Goes on with a formation until it ends or `signal` is raised; other work of the process comes in between. */
export async function inTurns(
  forming: FormationSteps,
  signal: AbortSignal,
  onSteps: (count: number) => void,
): Promise<Formation> {
  let steps = 0;
  let turnMs = performance.now();
  let next = forming.next();
  while (next.done !== true) {
    if (next.value !== null) steps += 1;
    if (performance.now() - turnMs > TURN_MS) {
      onSteps(steps);
      await new Promise<void>((resolve) => setImmediate(resolve));
      turnMs = performance.now();
    }
    next = forming.next(signal.aborted ? "stop" : undefined);
  }
  return next.value;
}
