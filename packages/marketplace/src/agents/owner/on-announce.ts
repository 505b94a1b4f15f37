import { bytesToHex } from "@sheaf/base";
import { createSecaggMember, encodeKeyAdvert, learningRateAt } from "@sheaf/federated";
import { computeOnce } from "../effects.ts";
import type { MessageBody, VoidStatement } from "../messages/bodies.ts";
import { announcedRound, contextOf, isMasked, secaggPorts, voidDigest } from "../round/attempt.ts";
import { bytesToBitmap, fromBitmap } from "../round/bitmap.ts";
import { jobSeed } from "../round/job-seed.ts";
import { leastCohort } from "../round/least-cohort.ts";
import { receivedModel } from "../round/model.ts";
import { hasPrivacyLeft, timesAsked } from "../round/privacy-spent.ts";
import { vectorPlan } from "../round/vector-plan.ts";
import { reject, send, tagOf } from "../send.ts";
import { andThen, stay, type Turn } from "../turn.ts";
import { activeOwners, committedState } from "../view/market-view.ts";
import { wasJoined, withJoined } from "./own-attempts.ts";
import { leaveJob, refuse } from "./refuse.ts";
import { saveRecord } from "./saved.ts";
import type { OwnAttempt, OwnerContext, OwnerJob } from "./state.ts";
import { budgetAllows } from "./weigh-invitation.ts";

/** Openings of a round after which its analysts have seen enough draws of groups [OWNER.12]. */
const MOST_OPENINGS = 6;

type Announce = MessageBody<"round.announce">;

/** Takes note of a new attempt [OWNER.2]; whether to take part is decided when the model is here. */
export function onAnnounce(context: OwnerContext, job: OwnerJob, body: Announce): Turn<OwnerJob> {
  const { facts, options } = context;
  const { analyst } = facts;
  if (analyst === undefined) return stay(job);
  const id = { job: job.job, analyst, round: body.round, attempt: body.attempt };
  const last = job.attempt?.id;
  const isOld = last?.round === id.round && last.analyst === analyst && last.attempt >= id.attempt;
  if (isOld || wasJoined(job, id)) return stay(job);
  const attempt: OwnAttempt = {
    id,
    context: contextOf(options.ports.scope, id),
    cohort: fromBitmap(facts.owners, bytesToBitmap(body.cohort)) ?? [],
    stateHash: bytesToHex(body.stateHash),
    openedBefore: facts.opening?.attempt ?? 0,
    sinceMs: context.nowMs,
    stage: "model",
    asked: false,
    announced: undefined,
    member: undefined,
    group: undefined,
    neighbourhood: [],
    opening: undefined,
    adverts: undefined,
    voids: [],
    received: undefined,
  };
  const noted = { ...job, attempt };
  return body.state === undefined ? stay(noted) : adoptOffered(context, noted, body.state);
}

/** A state that came with the announcement counts when it is the one on chain [OWNER.2]. */
function adoptOffered(context: OwnerContext, job: OwnerJob, bytes: Uint8Array): Turn<OwnerJob> {
  const { facts, options } = context;
  if (facts.spec === undefined || job.initial === undefined) return stay(job);
  const model = receivedModel(options.ports, facts.spec, job.initial.state.weights.length, bytes);
  return model !== undefined && model.hash === committedState(facts) ? stay({ ...job, model }) : stay(job);
}

/** Checks the announcement against chain, policy and budget, gets the model, and sends the keys [OWNER.2] [OWNER.5]. */
export function joinAttempt(context: OwnerContext, job: OwnerJob): Turn<OwnerJob> {
  const { attempt, initial } = job;
  if (attempt?.stage !== "model" || initial === undefined) return stay(job);
  const committed = committedState(context.facts) ?? initial.hash;
  if (attempt.stateHash !== committed) {
    return reject(refuse(job, attempt, "WRONG_STATE"), attempt.id.analyst, "round.announce", "WRONG_STATE");
  }
  if (!attempt.cohort.includes(context.options.ports.self) || isSmallCohort(context, attempt.cohort.length)) {
    return reject(refuse(job, attempt, "WRONG_COHORT"), attempt.id.analyst, "round.announce", "WRONG_COHORT");
  }
  if (job.record.paidRound !== attempt.id.round && !budgetAllows(context, 1)) return leaveJob(job, attempt);
  if (!jobAllows(context)) return refuse(job, attempt, "JOB_BUDGET_EXHAUSTED");
  if (attempt.openedBefore >= MOST_OPENINGS) return refuse(job, attempt, "TOO_MANY_ATTEMPTS");
  if (job.record.attempts.some(({ unmasked }) => unmasked)) return refuse(job, attempt, "ALREADY_OPENED");
  const model = committed === initial.hash ? initial : job.model;
  if (model?.hash !== committed) return askForState(job, attempt);
  return andThen(sendKeys(context, { ...job, model }, attempt), (next) => train(context, next));
}

/** Whether fewer owners are in a cohort than this owner's input may be hidden among [OWNER.11]. */
export function isSmallCohort({ facts, view }: OwnerContext, cohort: number): boolean {
  return cohort < (facts.spec === undefined ? 3 : leastCohort(facts.spec, activeOwners(view, facts).length));
}

/** Whether the specification's epsilon allows this owner another round: the analyst may not stretch it [OWNER.5]. */
function jobAllows({ facts, options }: OwnerContext): boolean {
  const asked = timesAsked(facts)[facts.owners.indexOf(options.ports.self)] ?? 0;
  return facts.spec === undefined || hasPrivacyLeft(facts.spec, asked);
}

function askForState(job: OwnerJob, attempt: OwnAttempt): Turn<OwnerJob> {
  if (attempt.asked) return stay(job);
  const stateHash = Buffer.from(attempt.stateHash.slice(2), "hex");
  return [
    { ...job, attempt: { ...attempt, asked: true } },
    [send(attempt.id.analyst, job.job, "state.request", { stateHash: new Uint8Array(stateHash) })],
  ];
}

function sendKeys(context: OwnerContext, job: OwnerJob, attempt: OwnAttempt): Turn<OwnerJob> {
  const { facts, options } = context;
  const { ports } = options;
  if (facts.spec === undefined || job.model === undefined) return stay(job);
  const plan = vectorPlan(facts.spec, job.model.state.weights.length, attempt.cohort.length);
  const announced = announcedRound(
    attempt.context,
    facts.spec,
    attempt.cohort,
    attempt.stateHash,
    plan.dimension,
  );
  if (isMasked(facts.spec) && announced === undefined) return refuse(job, attempt, "WRONG_COHORT");
  const member = announced && createSecaggMember(announced, ports.self, secaggPorts(ports));
  const advert = announced && member ? encodeKeyAdvert(announced, member.advertise()) : new Uint8Array(0);
  const voids = voidStatements(context, job);
  const joined = withJoined(job, attempt.id);
  return [
    { ...joined, attempt: { ...attempt, stage: "keys", announced, member } },
    [
      saveRecord(joined),
      send(attempt.id.analyst, job.job, "round.keys", { ...tagOf(attempt.id), advert, voids }),
    ],
  ];
}

/** Gives up every earlier attempt of the round in which this owner has opened nothing [PHASE.8]. */
function voidStatements({ options: { ports } }: OwnerContext, job: OwnerJob): VoidStatement[] {
  return job.record.attempts
    .filter(({ unmasked, members }) => !unmasked && members.length > 0)
    .slice(-16)
    .map(({ contextHash }) => ({
      context: new Uint8Array(Buffer.from(contextHash.slice(2), "hex")),
      signature: ports.sign(voidDigest(ports, contextHash)),
    }));
}

/** Trains while keys and shares travel; nothing of it leaves before the round on chain is checked [OWNER.4]. */
function train({ facts, options }: OwnerContext, job: OwnerJob): Turn<OwnerJob> {
  const { attempt, model } = job;
  if (attempt === undefined || model === undefined || facts.spec === undefined) return stay(job);
  if (job.trained?.stateHash === model.hash) return stay(job);
  const { training } = facts.spec;
  const seed = jobSeed(options.ports.scope, job.job, facts.spec);
  const { optimiser } = training;
  return computeOnce(job, `train/${attempt.id.round}`, {
    kind: "train",
    spec: facts.spec,
    weights: model.state.weights,
    options: {
      epochs: training.localEpochs,
      batchSize: training.batchSize,
      learningRate: learningRateAt(training.learningRate, attempt.id.round),
      seed: `${seed}/${options.ports.self}/${attempt.id.round}`,
      ...(optimiser.kind === "fedprox" ? { proximal: optimiser.mu } : {}),
      ...(optimiser.kind === "fedsgd" ? { gradientOnly: true } : {}),
    },
  });
}
