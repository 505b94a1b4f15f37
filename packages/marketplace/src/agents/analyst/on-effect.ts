import { effectFailed, record, released } from "../effects.ts";
import type { AgentInput, ComputeResult, Transacted } from "../ports.ts";
import { initialModel } from "../round/model.ts";
import { also, stay, type Turn } from "../turn.ts";
import { abortAttempt } from "./abort-attempt.ts";
import { onAdded } from "./open-phase.ts";
import { saveRecord } from "./saved.ts";
import { type AnalystContext, type AnalystJob, type Validation, withRound } from "./state.ts";
import { onTranscriptLoaded } from "./transcripts.ts";

/** A computation ended; a transaction that was mined speaks through its events. */
export function onDone(
  context: AnalystContext,
  before: AnalystJob,
  name: string,
  result: ComputeResult | Transacted,
): Turn<AnalystJob> {
  if (result.kind === "transacted") return stay(before);
  const job = released(before, name);
  const number = Number(name.split("/")[1] ?? 0);
  switch (result.kind) {
    case "initialised":
      return stay(withInitial(context, job, result.weights));
    case "evaluated":
      return stay(withValidation(job, name, result));
    case "valued":
      return onValued(job, number, result.scores);
    case "added": {
      const { round } = job;
      const isCurrent = round !== undefined && name === `add/${round.id.round}/${round.id.attempt}`;
      return isCurrent ? onAdded(context, job, round, result.ciphertexts) : stay(job);
    }
    case "loaded":
      return onTranscriptLoaded(job, number, result.value);
    default:
      return stay(job);
  }
}

function withInitial({ facts, options }: AnalystContext, job: AnalystJob, weights: Float32Array): AnalystJob {
  if (facts.spec === undefined) return job;
  try {
    return { ...job, initial: initialModel(options.ports, facts.spec, weights) };
  } catch {
    return { ...job, unfit: "MODEL_DOES_NOT_BUILD" };
  }
}

function withValidation(job: AnalystJob, name: string, validation: Validation | null): AnalystJob {
  const { round } = job;
  if (round?.closing === undefined || name !== `evaluate/${round.id.round}/${round.id.attempt}`) return job;
  return withRound(job, { closing: { ...round.closing, validation } });
}

/** The parts' worth is kept with who was in them; an attempt that did not close is not valued. */
function onValued(before: AnalystJob, round: number, scores: readonly number[]): Turn<AnalystJob> {
  const valuing = new Map(before.valuing);
  const groups = valuing.get(round);
  valuing.delete(round);
  const job = { ...before, valuing };
  if (groups === undefined) return stay(job);
  const values = [
    ...job.record.values.filter((value) => value.round !== round),
    { round, groups: groups.map((group) => [...group]), scores: [...scores] },
  ];
  const next = { ...job, record: { ...job.record, values } };
  return [next, [saveRecord(next)]];
}

/**
 * A transaction rests and is tried again. Training goes on without a validation or a value that failed; an
 * attempt whose sum cannot be had is given up [ANALYST.4].
 */
export function onFailed(
  context: AnalystContext,
  before: AnalystJob,
  name: string,
  { code, message }: Extract<AgentInput, { type: "failed" }>,
): Turn<AnalystJob> {
  const problem = record({ kind: "problem", job: before.job, code, text: `${name}: ${message}` });
  const job = released(before, name);
  const kind = name.split("/")[0];
  switch (kind) {
    case "initialise":
      return also(stay({ ...job, unfit: "MODEL_DOES_NOT_BUILD" }), problem);
    case "evaluate":
      return also(stay(withValidation(job, name, null)), problem);
    case "value": {
      const valuing = new Map(job.valuing);
      valuing.delete(Number(name.split("/")[1] ?? 0));
      return also(stay({ ...job, valuing }), problem);
    }
    case "add": {
      const { round } = job;
      return also(round?.phase === "decrypt" ? abortAttempt(context, job, round, code) : stay(job), problem);
    }
    case "transcript":
      return also(onTranscriptLoaded(job, Number(name.split("/")[1] ?? 0), undefined), problem);
    default:
      return also(effectFailed(before, name), problem);
  }
}
