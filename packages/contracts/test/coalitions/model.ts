import * as members from "./model-members.ts";
import * as money from "./model-money.ts";
import { type ModelState, Refusal } from "./model-state.ts";

/** A call of the contract; signatures are not made yet. */
export interface Call {
  readonly from: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly value?: bigint;
}

type Operation = (model: ModelState, from: string, value: bigint, ...args: never[]) => void;

const operations: Readonly<Record<string, Operation>> = {
  registerMiners: members.registerMiners,
  revokeMiner: members.revokeMiner,
  form: members.form,
  leaveCoalition: members.leaveCoalition,
  registerWorkers: members.registerWorkers,
  revokeWorker: members.revokeWorker,
  contribute: members.contribute,
  reportEquivocation: members.reportEquivocation,
  onBlock: money.onBlock,
  withdraw: money.withdraw,
  challenge: money.challenge,
  answer: money.answer,
  conclude: money.conclude,
};

/** Performs the call on the model, or says with which error the contract refuses it and changes nothing. */
export function applyToModel(model: ModelState, call: Call): string | undefined {
  const before = structuredClone(model);
  try {
    const operation = operations[call.name];
    if (operation === undefined) throw new TypeError(`no ${call.name} in the model`);
    money.begin(model);
    operation(model, call.from, call.value ?? 0n, ...(call.args as never[]));
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    Object.assign(model, before);
    return error.message;
  }
}
