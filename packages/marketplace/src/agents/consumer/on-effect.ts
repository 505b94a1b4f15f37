import type { Millis } from "@sheaf/base";
import { encodeBody } from "../messages/codec.ts";
import type { AgentInput, AgentOutput, AgentPorts, ComputeResult, Transacted } from "../ports.ts";
import { contextOf, decryptedDigest } from "../round/attempt.ts";
import { intsToBytes } from "../round/float-bytes.ts";
import { also, stay, type Turn } from "../turn.ts";
import { evaluation } from "./on-message.ts";
import type { ConsumerOptions } from "./options.ts";
import { saveJob, saveOrder } from "./saved.ts";
import { type ConsumerState, ownJob, withEffort, withOrder, withOwnJob } from "./state.ts";
import { judge, shortfalls } from "./verdict.ts";

type Consumer = Turn<ConsumerState>;
type Failed = Extract<AgentInput, { readonly type: "failed" }>;

/** A request that failed so would fail so again [CONSUMER.1]. */
const HOPELESS = new Set(["INSUFFICIENT_FUNDS", "NOT_LICENSED", "BAD_TERMS", "BAD_PRICE", "BAD_SPEC"]);
/** There is no money for the bond, or nobody to judge: the dispute period runs out. */
const NO_DISPUTE = new Set(["INSUFFICIENT_FUNDS", "NO_ARBITERS"]);
const MAX_REST_MS: Millis = 60_000;

/** Something that was asked for is done. */
export function onDone(
  ports: AgentPorts,
  state: ConsumerState,
  effect: string,
  result: ComputeResult | Transacted,
): Consumer {
  const [what, id = "0", round, attempt] = effect.split("/");
  switch (result.kind) {
    case "transacted": {
      const seen = (state.view.block?.number ?? -1) >= result.blockNumber;
      return stay(
        withEffort(state, effect, seen ? undefined : { at: "mined", blockNumber: result.blockNumber }),
      );
    }
    case "paillier-keys": {
      const { n, secret } = result;
      const next = withOrder(withEffort(state, effect, undefined), Number(id), { keys: { n, secret } });
      const order = next.orders[Number(id)];
      return order === undefined ? stay(state) : also(stay(next), saveOrder(Number(id), order));
    }
    case "evaluated":
      return onEvaluated(ports, state, BigInt(id), result);
    case "decrypted": {
      if (what !== "decrypt") return stay(state);
      const tag = { round: Number(round), attempt: Number(attempt) };
      return onDecrypted(ports, state, BigInt(id), tag, intsToBytes(result.values));
    }
    case "loaded":
      return onLoaded(ports, state, BigInt(id), result.value);
    default:
      return stay(state);
  }
}

/** The answer is signed together with the sum it is of: an arbiter sees what was opened [CONSUMER.13]. */
function onDecrypted(
  ports: AgentPorts,
  state: ConsumerState,
  job: bigint,
  tag: { readonly round: number; readonly attempt: number },
  values: Uint8Array,
): Consumer {
  const analyst = state.view.jobs.get(job)?.analyst;
  const sumHash = ownJob(state, job).decryptions.get(tag.round);
  if (analyst === undefined || sumHash === undefined) return stay(state);
  const context = contextOf(ports.scope, { ...tag, job, analyst });
  const signature = ports.sign(decryptedDigest(ports, context, sumHash, ports.keccak256(values)));
  const body = encodeBody("round.decrypted", { ...tag, values, signature });
  return also(stay(state), { type: "send", to: analyst, job, kind: "round.decrypted", body });
}

/** [CONSUMER.8] */
function onEvaluated(
  ports: AgentPorts,
  state: ConsumerState,
  id: bigint,
  quality: Extract<ComputeResult, { readonly kind: "evaluated" }>,
): Consumer {
  const job = state.view.jobs.get(id);
  if (job === undefined) return stay(state);
  const { loss, accuracy, rmse } = quality;
  const verdict = judge(
    job,
    quality,
    (bound) => new DataView(ports.entropy(4).slice().buffer).getUint32(0) % bound,
  );
  const next = withOwnJob(state, id, { verdict });
  const missed = shortfalls(job.spec?.quality, quality);
  const event = { kind: "evaluated", job: id, loss, accuracy, rmse, missed } as const;
  return also(stay(next), saveJob(id, ownJob(next, id)), { type: "record", event });
}

/** A model that was kept by an earlier process; when it is not what it was, it is asked for again. */
function onLoaded(
  ports: AgentPorts,
  state: ConsumerState,
  id: bigint,
  bytes: Uint8Array | undefined,
): Consumer {
  const job = state.view.jobs.get(id);
  const intact = bytes !== undefined && ports.keccak256(bytes) === ownJob(state, id).heldHash;
  if (job !== undefined && intact) return also(stay(state), ...evaluation(job, bytes));
  return stay(withOwnJob(state, id, { heldHash: undefined }));
}

/** Something that was asked for failed. */
export function onFailed(options: ConsumerOptions, state: ConsumerState, input: Failed): Consumer {
  const { effect, code, message } = input;
  const [what, id = "0"] = effect.split("/");
  switch (what) {
    case "request":
      if (HOPELESS.has(code))
        return orderFailed(withEffort(state, effect, undefined), Number(id), code, message);
      break;
    case "keys":
      return orderFailed(withEffort(state, effect, undefined), Number(id), code, message);
    case "dispute":
      if (!NO_DISPUTE.has(code)) break;
      return also(
        stay(withOwnJob(withEffort(state, effect, undefined), BigInt(id), { cannotDispute: true })),
        problem(code, `no dispute, the job is settled as it stands: ${message}`, BigInt(id)),
      );
    case "evaluate": {
      const next = withOwnJob(state, BigInt(id), { verdict: { kind: "good" } });
      const text = `the model is the one on chain, its quality was not measured: ${message}`;
      return also(stay(next), saveJob(BigInt(id), ownJob(next, BigInt(id))), problem(code, text, BigInt(id)));
    }
    case "load":
      return stay(withOwnJob(state, BigInt(id), { heldHash: undefined }));
    case "decrypt":
      return also(stay(state), problem(code, `a sum was not decrypted: ${message}`, BigInt(id)));
  }
  return stay(rested(options, state, input));
}

/** [CONSUMER.11] Tries again after a while: whether it is still called for is decided then. */
function rested(
  { retryMs }: ConsumerOptions,
  state: ConsumerState,
  { effect, nowMs }: Failed,
): ConsumerState {
  const before = state.efforts.get(effect);
  const tries = before === undefined || before.at === "mined" ? 1 : before.tries;
  const restMs = Math.min(MAX_REST_MS, retryMs * 2 ** (tries - 1));
  return withEffort(state, effect, { at: "resting", untilMs: nowMs + restMs, tries });
}

/** [CONSUMER.1] */
function orderFailed(state: ConsumerState, index: number, code: string, message: string): Consumer {
  const next = withOrder(state, index, { failed: code });
  return also(stay(next), problem(code, `order ${index + 1} is given up, nothing was locked: ${message}`));
}

function problem(code: string, text: string, job?: bigint): AgentOutput {
  return { type: "record", event: { kind: "problem", code, text, ...(job === undefined ? {} : { job }) } };
}
