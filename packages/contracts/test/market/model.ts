import { beginning } from "./model-beginning.ts";
import { ending } from "./model-ending.ts";
import { type Operation, Refusal } from "./model-rules.ts";
import type { ModelState } from "./model-state.ts";
import { training } from "./model-training.ts";

/** A call of a contract. What a call of `name` takes is what the contract takes. */
export interface Call {
  readonly from: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly value?: bigint;
}

const operations: Record<string, Operation> = { ...beginning, ...training, ...ending };

/** Performs the call on the model, or says with which error the contract refuses it and changes nothing. */
export function applyToModel(model: ModelState, call: Call): string | undefined {
  const before = structuredClone(model);
  try {
    const operation = operations[call.name];
    if (operation === undefined) throw new TypeError(`no ${call.name} in the model`);
    operation(model, call.from, call.value ?? 0n, ...(call.args as never[]));
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    Object.assign(model, before);
    return error.message;
  }
}
