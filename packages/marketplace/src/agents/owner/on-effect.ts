import { effectFailed, record, released } from "../effects.ts";
import type { AgentInput, ComputeResult, Transacted } from "../ports.ts";
import { initialModel } from "../round/model.ts";
import { also, stay, type Turn } from "../turn.ts";
import { refuse } from "./refuse.ts";
import type { OwnerContext, OwnerJob } from "./state.ts";

/** A computation ended; a transaction that was mined speaks through its events. */
export function onDone(
  { facts, options }: OwnerContext,
  before: OwnerJob,
  name: string,
  result: ComputeResult | Transacted,
): Turn<OwnerJob> {
  if (result.kind === "transacted") return stay(before);
  const job = released(before, name);
  if (result.kind === "initialised" && facts.spec !== undefined) {
    try {
      return stay({ ...job, initial: initialModel(options.ports, facts.spec, result.weights) });
    } catch {
      return stay({ ...job, unfit: "MODEL_DOES_NOT_BUILD" });
    }
  }
  const { attempt } = job;
  if (attempt === undefined || !name.endsWith(`/${attempt.id.round}`)) return stay(job);
  if (result.kind === "trained") {
    const { update, samples, loss, steps } = result;
    const trained = {
      stateHash: attempt.stateHash,
      result: { update, samples, loss, steps },
      answer: undefined,
    };
    return stay({ ...job, trained });
  }
  if (result.kind === "encrypted" && job.trained !== undefined) {
    return stay({
      ...job,
      trained: { ...job.trained, answer: { kind: "encrypted", ciphertexts: result.ciphertexts } },
    });
  }
  return stay(job);
}

/**
 * A transaction rests and is tried again; a computation that failed is not repeated: the owner declines the
 * job, or stays out of the round, with the code [OWNER.3].
 */
export function onFailed(
  before: OwnerJob,
  name: string,
  { code, message }: Extract<AgentInput, { type: "failed" }>,
): Turn<OwnerJob> {
  const problem = record({ kind: "problem", job: before.job, code, text: `${name}: ${message}` });
  if (name === "initialise")
    return also(stay({ ...released(before, name), unfit: "MODEL_DOES_NOT_BUILD" }), problem);
  if (name.startsWith("train/") || name.startsWith("encrypt/")) {
    const job = released(before, name);
    const { attempt } = job;
    const isCurrent = attempt !== undefined && name.endsWith(`/${attempt.id.round}`);
    return also(isCurrent ? refuse(job, attempt, code) : stay(job), problem);
  }
  return also(effectFailed(before, name), problem);
}
