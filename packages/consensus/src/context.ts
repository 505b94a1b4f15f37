import type { QbftOptions, QbftPorts } from "./config.ts";
import type { Output } from "./outputs.ts";
import type { Rules } from "./rules.ts";

/** What the handlers of one step share. Each takes a state and returns the next; `emit` appends an output. */
export interface Context {
  readonly options: QbftOptions;
  readonly ports: QbftPorts;
  readonly rules: Rules;
  emit(output: Output): void;
}
