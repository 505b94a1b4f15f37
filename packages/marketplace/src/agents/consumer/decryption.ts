import { bytesToHex, type Hex } from "@sheaf/base";
import type { Address } from "../../chain/types.ts";
import type { MessageBody } from "../messages/bodies.ts";
import type { AgentPorts } from "../ports.ts";
import { contextOf } from "../round/attempt.ts";
import { fromBitmap } from "../round/bitmap.ts";
import { isSignedInput } from "../round/signed-input.ts";
import type { JobFacts } from "../view/market-view.ts";
import type { OwnJob } from "./state.ts";

/** Owners below which a sum tells too much about one of them. */
const LEAST_MEMBERS = 3;

/** Why a decryption is refused. */
export type DecryptionRefusal =
  | "NOT_PAILLIER"
  | "NOT_THE_ANALYST"
  | "NO_SUCH_OPENING"
  | "BAD_COMMITMENT"
  | "TOO_FEW_MEMBERS"
  | "ALREADY_DECRYPTED";

interface DecryptRequest {
  readonly from: Address;
  readonly body: MessageBody<"round.decrypt">;
  /** Of the ciphertexts. */
  readonly hash: Hex;
}

/**
 * [CONSUMER.13] A decryption is granted to the analyst of the job, for the round that stands open on chain, for a
 * sum that at least three owners of its cohort signed their part of, and once a round: the difference of two sums
 * could be one owner's update. The same request again gets the same answer.
 */
export function refuseDecryption(
  ports: AgentPorts,
  job: JobFacts,
  own: OwnJob,
  { from, body, hash }: DecryptRequest,
): DecryptionRefusal | undefined {
  if (job.spec?.privacy.paillier === undefined) return "NOT_PAILLIER";
  if (from !== job.analyst) return "NOT_THE_ANALYST";
  const { opening } = job;
  if (job.state !== "training" || opening?.round !== body.round) return "NO_SUCH_OPENING";
  const cohort = new Set(fromBitmap(job.owners, opening.cohortBitmap));
  const context = contextOf(ports.scope, {
    job: job.job,
    analyst: from,
    round: body.round,
    attempt: body.attempt,
  });
  const owners = new Set<number>();
  for (const { owner, updateHash, signature } of body.commitments) {
    const address = job.owners[owner];
    if (address === undefined || !cohort.has(address) || owners.has(owner)) return "BAD_COMMITMENT";
    const input = { owner: address, updateHash: bytesToHex(updateHash), signature };
    if (!isSignedInput(ports, context, input)) return "BAD_COMMITMENT";
    owners.add(owner);
  }
  if (owners.size < LEAST_MEMBERS) return "TOO_FEW_MEMBERS";
  const earlier = own.decryptions.get(body.round);
  return earlier === undefined || earlier === hash ? undefined : "ALREADY_DECRYPTED";
}
