import type { Millis } from "@sheaf/base";
import type { StartProgress } from "@sheaf/launcher";
import type { LoadPhase, LoadProgress, LoadResult } from "@sheaf/load";
import { formatCount, type Phase, type Progress } from "../terminal/progress.ts";
import { type ArmPlan, validatorCount } from "./arm-plan.ts";

const START_WORDS: Readonly<Record<StartProgress["phase"], string>> = {
  prepare: "keys and genesis",
  start: "processes",
  connect: "connected",
};

/** Shows a network that starts. */
export function createStartDisplay(progress: Progress, arm: ArmPlan) {
  const validators = arm.chains.reduce(
    (sum, chain) => sum + (chain.kind === "local" ? validatorCount(chain) - chain.down.length : 0),
    0,
  );
  const chains = arm.chains.length === 1 ? "1 chain" : `${arm.chains.length} chains`;
  const title =
    validators === 0 ? `${arm.name}: connecting` : `${arm.name}: starting ${validators} validators`;
  const phase = progress.phase(title, Math.max(1, validators));
  return {
    update({ phase: step, done }: StartProgress): void {
      phase.update(step === "prepare" ? 0 : done, START_WORDS[step]);
    },
    finish: (startMs: Millis) => phase.finish(`${chains} ready after ${(startMs / 1000).toFixed(1)} s`),
    fail: () => phase.finish("failed"),
  };
}

const LOAD_TITLES: Readonly<Record<LoadPhase, string>> = {
  "set-up": "preparing the workload",
  sign: "signing",
  connect: "waiting for all chains",
  load: "load",
  drain: "drain",
  check: "checking the final state",
};

/** Shows an arm's load, phase by phase. */
export function createLoadDisplay(progress: Progress, arm: ArmPlan) {
  let current: { readonly name: LoadPhase; readonly phase: Phase; readonly begun: Millis } | undefined;
  let last: LoadProgress | undefined;

  function finish(): void {
    if (current === undefined || last === undefined) return;
    current.phase.finish(`${formatCount(last.done)} of ${formatCount(last.total)}`);
    current = undefined;
  }

  return {
    update(state: LoadProgress): void {
      if (current?.name !== state.phase) {
        finish();
        const phase = progress.phase(`${arm.name}: ${LOAD_TITLES[state.phase]}`, state.total);
        current = { name: state.phase, phase, begun: performance.now() };
      }
      last = state;
      const seconds = (performance.now() - current.begun) / 1000;
      const rate = state.phase === "load" && seconds > 1 ? `${formatCount(state.done / seconds)} TPS` : "";
      current.phase.update(state.done, rate);
    },
    finish({ stateCheck }: LoadResult): void {
      finish();
      if (stateCheck === null) return;
      const verdict = stateCheck.ok
        ? "as the workload must have left it"
        : `wrong: ${stateCheck.mismatches[0] ?? ""}`;
      progress.note(
        `${arm.name}: final state ${verdict} (${formatCount(stateCheck.checked)} values compared)`,
      );
    },
    /** Ends what is shown when the load failed. */
    close: finish,
  };
}
