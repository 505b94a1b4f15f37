import type { Hex } from "@sheaf/base";
import { decodeServerState } from "@sheaf/federated";
import { keepEarly } from "../early.ts";
import type { MessageBody } from "../messages/bodies.ts";
import { decodeBody } from "../messages/codec.ts";
import type { AgentMessage, AgentPorts } from "../ports.ts";
import { also, stay, type Turn } from "../turn.ts";
import { committedState, type JobFacts } from "../view/market-view.ts";
import { refuseDecryption } from "./decryption.ts";
import { matchOrders } from "./match-orders.ts";
import type { Attention, ConsumerOptions } from "./options.ts";
import { modelKey, saveJob } from "./saved.ts";
import { type ConsumerState, ownJob, withOwnJob } from "./state.ts";

type Consumer = Turn<ConsumerState>;

/** A message about an own job; everything else is refused by leaving a record of it. */
export function onMessage(attention: Attention, state: ConsumerState, message: AgentMessage): Consumer {
  const { ports } = attention;
  const job = state.view.jobs.get(message.job);
  const decoded = decodeBody(message.kind, message.body);
  const refuse = (code: string): Consumer => rejected(state, message, code);
  if (job === undefined || job.consumer !== ports.self) return refuse("NOT_MY_JOB");
  if ("rejected" in decoded) return refuse(decoded.rejected);
  switch (decoded.kind) {
    case "model.deliver":
    case "state.answer":
      return onModel(ports, state, job, message, decoded.body.state);
    case "round.decrypt":
      return onDecrypt(attention, state, job, message, decoded.body);
    default:
      return refuse("UNEXPECTED");
  }
}

/**
 * [CONSUMER.5] Whoever sends it, the model is the one whose hash is on chain. One that comes before its hash is
 * kept until then; a wrong one from the job's analyst counts against it.
 */
function onModel(
  ports: AgentPorts,
  state: ConsumerState,
  job: JobFacts,
  message: AgentMessage,
  bytes: Uint8Array,
): Consumer {
  const own = ownJob(state, job.job);
  if (own.heldHash !== undefined) return stay(state);
  const wanted = wantedHash(job);
  const fromAnalyst = message.from === job.analyst;
  if (wanted === undefined) {
    return stay(
      fromAnalyst && job.state === "training" ? withOwnJob(state, job.job, { early: bytes }) : state,
    );
  }
  if (ports.keccak256(bytes) === wanted && decodeServerState(bytes) !== undefined)
    return holdModel(state, job, bytes);
  const turn = rejected(state, message, "WRONG_MODEL");
  if (!fromAnalyst) return turn;
  const next = withOwnJob(turn[0], job.job, { wrongStates: own.wrongStates + 1 });
  return also([next, turn[1]], saveJob(job.job, ownJob(next, job.job)));
}

/** The hash of the model that the consumer pays for: delivered, or after the last round before training stopped. */
export function wantedHash(job: JobFacts): Hex | undefined {
  const inTraining = job.state === "open" || job.state === "recruiting" || job.state === "training";
  return inTraining ? undefined : (job.delivered?.stateHash ?? committedState(job));
}

/** Keeps the model, and has it evaluated [CONSUMER.8]. */
export function holdModel(state: ConsumerState, job: JobFacts, bytes: Uint8Array): Consumer {
  const heldHash = wantedHash(job);
  const next = withOwnJob(state, job.job, { heldHash, early: undefined, verdict: undefined });
  return also(
    stay(next),
    { type: "save", key: modelKey(job.job), value: bytes },
    saveJob(job.job, ownJob(next, job.job)),
    ...evaluation(job, bytes),
  );
}

/** The evaluation on the consumer's own test set. */
export function evaluation(job: JobFacts, bytes: Uint8Array): Turn<ConsumerState>[1] {
  const weights = decodeServerState(bytes)?.weights;
  if (weights === undefined || job.spec === undefined) return [];
  return [
    { type: "compute", id: `evaluate/${job.job}`, work: { kind: "evaluate", spec: job.spec, weights } },
  ];
}

/** [CONSUMER.13] A request for a round whose opening is not yet seen waits for it. */
function onDecrypt(
  { options, ports, nowMs }: Attention,
  state: ConsumerState,
  job: JobFacts,
  message: AgentMessage,
  body: MessageBody<"round.decrypt">,
): Consumer {
  const own = ownJob(state, job.job);
  const { round, attempt, ciphertexts, count, commitments } = body;
  const hash = ports.keccak256(ciphertexts);
  const refusal = refuseDecryption(ports, job, own, { from: message.from, body, hash });
  if (refusal === "NO_SUCH_OPENING" && job.state === "training" && round === job.rounds.length + 1) {
    return stay({ ...state, early: keepEarly(state.early, message, nowMs) });
  }
  const secret = secretOf(options, ports, state, job);
  if (refusal !== undefined || secret === undefined) return rejected(state, message, refusal ?? "NO_KEY");
  const next = withOwnJob(state, job.job, { decryptions: new Map(own.decryptions).set(round, hash) });
  const { bits } = job.spec?.privacy.paillier ?? { bits: 0 };
  const members = job.owners.length;
  return also(stay(next), saveJob(job.job, ownJob(next, job.job)), {
    type: "compute",
    id: `decrypt/${job.job}/${round}/${attempt}`,
    work: {
      kind: "paillier-decrypt",
      secret,
      ciphertexts,
      count,
      bits,
      members,
      contributors: commitments.length,
    },
  });
}

function secretOf(
  { orders }: ConsumerOptions,
  { self }: AgentPorts,
  state: ConsumerState,
  job: JobFacts,
): Uint8Array | undefined {
  const { jobOf } = matchOrders(state.view, self, state.begun ?? 0n, orders, state.orders);
  const index = [...jobOf].find(([, id]) => id === job.job)?.[0];
  return index === undefined ? undefined : state.orders[index]?.keys?.secret;
}

function rejected(state: ConsumerState, { job, from, kind }: AgentMessage, code: string): Consumer {
  return also(stay(state), { type: "record", event: { kind: "rejected", job, from, message: kind, code } });
}
