import type { Address } from "@sheaf/protocol";
import { record } from "../effects.ts";
import { epsilonAfter, timesAsked } from "../round/privacy-spent.ts";
import { also, stay, type Turn } from "../turn.ts";
import { committedState } from "../view/market-view.ts";
import { abortAttempt } from "./abort-attempt.ts";
import { closeRound, isClosingGivenUp } from "./aggregate-round.ts";
import { leavePhase } from "./phases.ts";
import { saveRecord } from "./saved.ts";
import { notePresent, noteUncertain } from "./standings.ts";
import type { AnalystContext, AnalystJob, Closing, RoundState } from "./state.ts";

/** Once the round is closed on chain and assessed: its state is the model, and the next round may begin [ANALYST.6]. */
export function finishRound(context: AnalystContext, job: AnalystJob, round: RoundState): Turn<AnalystJob> {
  const { facts } = context;
  const { closing } = round;
  if (closing === undefined) return stay(job);
  if (committedState(facts) !== closing.next.hash || facts.rounds.length < round.id.round) {
    return isClosingGivenUp(job, round)
      ? abortAttempt(context, job, round, "CLOSING_FAILED")
      : closeRound(job);
  }
  if (closing.validation === undefined) return stay(job);
  const loss = closing.validation?.loss ?? trainingLoss(closing);
  const survivors = new Set(closing.survivors);
  const noted = [...round.present.keys()].reduce(
    (next, owner) => (survivors.has(owner) ? notePresent(next, owner) : noteUncertain(next, owner)),
    job,
  );
  const next: AnalystJob = {
    ...noted,
    round: undefined,
    model: closing.next,
    holders: new Set(round.present.keys()),
    record: {
      ...noted.record,
      failed: 0,
      losses: loss === null ? noted.record.losses : [...noted.record.losses, loss],
    },
  };
  const turn = leavePhase([next, [saveRecord(next)]], round, survivors.size, round.present.size);
  return also(turn, roundEvent(context, round, closing));
}

/** Mean loss of the parts by weight; `null` where owners keep it to themselves. */
function trainingLoss({ parts }: Closing): number | null {
  let sum = 0;
  let weights = 0;
  for (const { loss, weight } of parts) {
    if (loss === null) return null;
    sum += loss * weight;
    weights += weight;
  }
  return sum / weights;
}

function roundEvent({ facts }: AnalystContext, round: RoundState, closing: Closing) {
  const { spec } = facts;
  const { job, round: number, attempt } = round.id;
  const { validation, parts } = closing;
  const most = Math.max(0, ...timesAsked(facts));
  return record({
    kind: "round",
    job,
    round: number,
    attempt,
    cohort: round.cohort,
    survivors: closing.survivors,
    groups: parts.map(({ members }) => members.map((place) => facts.owners[place] as Address)),
    chosen: closing.outcome.chosen,
    loss: trainingLoss(closing),
    validation:
      validation == null
        ? null
        : { loss: validation.loss, accuracy: validation.accuracy, rmse: validation.rmse },
    saturated: parts.every(({ saturated }) => saturated !== null)
      ? parts.reduce((sum, { saturated }) => sum + (saturated ?? 0), 0)
      : null,
    weight: parts.reduce((sum, { weight }) => sum + weight, 0),
    epsilon: spec ? epsilonAfter(spec, most) : null,
    epsilonSampled: null,
    stateHash: closing.next.hash,
  });
}
