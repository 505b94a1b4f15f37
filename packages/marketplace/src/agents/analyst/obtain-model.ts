import { hexToBytes, type Millis } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import { effectId } from "../effects.ts";
import { fromBitmap } from "../round/bitmap.ts";
import { receivedModel } from "../round/model.ts";
import { reject, send } from "../send.ts";
import { also, stay, type Turn } from "../turn.ts";
import { activeOwners, committedState, isHandedOver } from "../view/market-view.ts";
import { type AnalystContext, type AnalystJob, holdsJob } from "./state.ts";

/** Owners asked at a time for the committed state, and how long they have. */
const ASKED_AT_ONCE = 3;
const ASK_AGAIN_MS: Millis = 5_000;

/**
 * Gets the committed state [ANALYST.8]: from the specification before the first round, from what was saved, or
 * from owners that were in the last round, a few at a time.
 */
export function obtainModel(context: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  const { facts } = context;
  const wanted = committedState(facts) ?? job.initial?.hash;
  const needed = facts.state === "training" || isHandedOver(facts);
  if (!needed || !holdsJob(context) || wanted === undefined || job.model?.hash === wanted) return stay(job);
  if (job.round !== undefined) return stay(job);
  const found = [job.initial, ...job.restored].find((model) => model?.hash === wanted);
  if (found !== undefined) return stay({ ...job, model: found });
  return job.initial === undefined || job.asks > 0 ? stay(job) : askOwners(context, job);
}

/** Asks the next few owners, those first that survived the last round. */
export function askOwners(context: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  const { facts, view } = context;
  const stateHash = committedState(facts);
  if (stateHash === undefined || job.model?.hash === stateHash) return stay(job);
  const last = new Set(fromBitmap(facts.owners, facts.rounds.at(-1)?.survivorBitmap ?? 0n));
  const active = activeOwners(view, facts);
  const order = [...active.filter((owner) => last.has(owner)), ...active.filter((owner) => !last.has(owner))];
  const from = (job.asks * ASKED_AT_ONCE) % Math.max(1, order.length);
  const body = { stateHash: hexToBytes(stateHash) };
  return [
    { ...job, asks: job.asks + 1 },
    [
      ...order.slice(from, from + ASKED_AT_ONCE).map((owner) => send(owner, job.job, "state.request", body)),
      { type: "schedule", timer: effectId(job.job, "state"), delayMs: ASK_AGAIN_MS },
    ],
  ];
}

/** An owner's answer counts when its hash is the committed one, whoever sent it. */
export function onStateAnswer(
  context: AnalystContext,
  job: AnalystJob,
  from: Address,
  bytes: Uint8Array,
): Turn<AnalystJob> {
  const { facts, options } = context;
  if (facts.spec === undefined || job.initial === undefined || job.model?.hash === committedState(facts))
    return stay(job);
  const model = receivedModel(options.ports, facts.spec, job.initial.state.weights.length, bytes);
  if (model === undefined || model.hash !== committedState(facts)) {
    return reject(stay(job), from, "state.answer", "WRONG_STATE");
  }
  const holders = new Set(job.holders).add(from);
  return also(stay({ ...job, model, holders }), { type: "cancel", timer: effectId(job.job, "state") });
}

/** An owner lacks the state of the round it is asked for. */
export function onStateRequest(job: AnalystJob, from: Address, wanted: string): Turn<AnalystJob> {
  if (job.model?.hash !== wanted) return stay(job);
  return also(stay(job), send(from, job.job, "state.answer", { state: job.model.bytes }));
}
