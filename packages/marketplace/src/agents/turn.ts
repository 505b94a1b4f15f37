import type { AgentOutput } from "./ports.ts";

/** What a handler makes of a state: the next one, and what the host is to do. */
export type Turn<S> = readonly [S, readonly AgentOutput[]];

/** Nothing changes, or only the state does. */
export function stay<S>(state: S): Turn<S> {
  return [state, []];
}

/** One turn after another, their outputs in order. */
export function andThen<S, T>([state, outputs]: Turn<S>, next: (state: S) => Turn<T>): Turn<T> {
  const [after, more] = next(state);
  return [after, more.length === 0 ? outputs : [...outputs, ...more]];
}

/** The turn with `outputs` at its end. */
export function also<S>([state, before]: Turn<S>, ...outputs: readonly AgentOutput[]): Turn<S> {
  return [state, [...before, ...outputs]];
}

/** All steps on one state, in order. */
export function chain<S>(state: S, ...steps: readonly ((state: S) => Turn<S>)[]): Turn<S> {
  return steps.reduce<Turn<S>>((turn, step) => andThen(turn, step), stay(state));
}
