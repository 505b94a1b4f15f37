import type { ByteCount } from "@sheaf/base";
import { ciphertextCount } from "@sheaf/federated";
import { SIGNATURE_BYTES } from "../messages/bodies.ts";
import type { JobFacts } from "../view/market-view.ts";

/** The mailbox carries 64 MiB; one of them is left for keys, secrets and names. */
const MOST_BYTES: ByteCount = 63 * 1024 * 1024;

/**
 * Whether the transcript of a round of this job fits into one message [ANALYST.9]: the state before it, and what
 * every owner that can be in the round sends and signs. An analyst that cannot show a round loses every dispute about it.
 */
export function transcriptTravels({ spec, terms }: JobFacts, parameters: number): boolean {
  if (spec === undefined) return false;
  const { optimiser, cohort } = spec.training;
  const { paillier, dp } = spec.privacy;
  const state = 4 * parameters * (optimiser.kind === "fedadam" ? 3 : 1);
  // In dp modes each owner comes by its own coin: all may come.
  const members = cohort === "all" || dp !== undefined ? terms.maxOwners : cohort;
  const packing = paillier && { bits: paillier.bits, members: terms.maxOwners };
  const input =
    packing === undefined
      ? 4 * parameters
      : ciphertextCount(paillier?.keyBits ?? 0, parameters, packing) * ((paillier?.keyBits ?? 0) / 4);
  return state + members * (input + SIGNATURE_BYTES) <= MOST_BYTES;
}
