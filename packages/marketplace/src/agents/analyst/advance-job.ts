import { chain, stay, type Turn } from "../turn.ts";
import { nextRound } from "../view/market-view.ts";
import { beginRound } from "./begin-round.ts";
import { deliver } from "./deliver.ts";
import { finishJob } from "./finish-job.ts";
import { finishRound } from "./finish-round.ts";
import { endKeys } from "./keys-phase.ts";
import { endConfirm, endMasked, endUnmask } from "./masked-phase.ts";
import { obtainModel } from "./obtain-model.ts";
import { endDecrypt, endUpdates } from "./open-phase.ts";
import { recruit } from "./recruit.ts";
import { resumeClosing } from "./resume-closing.ts";
import { resumeUnmasking } from "./resume-unmask.ts";
import { endShares, enterOpened } from "./shares-phase.ts";
import { type AnalystContext, type AnalystJob, holdsJob, type RoundState } from "./state.ts";
import { makeInitialModel, weighRequest } from "./weigh-request.ts";

/** Everything that a job may call for, in the order of its life; each step does nothing unless it is its turn. */
export function advanceJob(context: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  return chain(
    job,
    (next) => stay(dropLost(context, next)),
    (next) => (needsModel(context, next) ? makeInitialModel(context, next) : stay(next)),
    (next) => weighRequest(context, next),
    (next) => recruit(context, next),
    (next) => (next.round === undefined ? stay(next) : advanceRound(context, next, next.round)),
    (next) => obtainModel(context, next),
    (next) => resumeClosing(context, next),
    (next) => resumeUnmasking(context, next),
    (next) => beginRound(context, next),
    (next) => deliver(context, next),
    (next) => finishJob(context, next),
  );
}

/** A round ends with the training, and when another analyst has taken the job over. */
function dropLost(context: AnalystContext, job: AnalystJob): AnalystJob {
  const { facts } = context;
  const stands = facts.state === "training" && holdsJob(context);
  const isOld =
    job.round !== undefined && job.round.closing === undefined && job.round.id.round < nextRound(facts);
  return job.round === undefined || (stands && !isOld) ? job : { ...job, round: undefined };
}

function needsModel(context: AnalystContext, job: AnalystJob): boolean {
  const { state } = context.facts;
  if (state === "open") return job.decision === undefined;
  return holdsJob(context) && state !== "settled" && state !== "refunded";
}

/** What ends the phase that the round is in, once it can be ended. */
function advanceRound(context: AnalystContext, job: AnalystJob, round: RoundState): Turn<AnalystJob> {
  switch (round.phase) {
    case "keys":
      return endKeys(context, job, round);
    case "open":
      return enterOpened(context, job, round);
    case "shares":
      return endShares(context, job, round);
    case "train":
      return round.announced === undefined ? endUpdates(context, job, round) : endMasked(context, job, round);
    case "confirm":
      return endConfirm(context, job, round);
    case "unmask":
      return endUnmask(context, job, round);
    case "decrypt":
      return endDecrypt(context, job, round);
    case "close":
      return finishRound(context, job, round);
  }
}
