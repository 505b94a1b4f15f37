import { type Hex, hexToBytes } from "@sheaf/base";
import {
  addCiphertexts,
  decodeCiphertexts,
  decodePaillierKey,
  encodeCiphertexts,
  isRejection,
  type PaillierPublicKey,
} from "@sheaf/federated";
import type { JobSpec } from "../../job-spec.ts";
import type { AgentPorts } from "../ports.ts";
import type { ClosedRound, JobFacts } from "../view/market-view.ts";
import { contextOf, decryptedDigest } from "./attempt.ts";
import { decodeSum, type OpenedPart } from "./decode-sum.ts";
import { bytesToInts } from "./float-bytes.ts";
import type { RoundTranscript } from "./transcript.ts";
import { vectorPlan } from "./vector-plan.ts";

/** What was sent and what it sums to, by owner index. */
export interface Opened {
  readonly hashes: ReadonlyMap<number, Hex>;
  readonly parts: readonly OpenedPart[];
}
export type Refused = { readonly rejected: string };

/**
 * Mode paillier [PHASE.12]: the sum is the product of what the owners sent, and the consumer signed that it
 * decrypted this sum to these values. So an analyst that had another sum opened, of one owner, cannot show a
 * transcript that holds.
 */
export function openEncrypted(
  ports: AgentPorts,
  job: JobFacts,
  spec: JobSpec,
  closed: ClosedRound,
  transcript: RoundTranscript,
  parameters: number,
): Opened | Refused {
  const { encrypted, decrypted, attempt } = transcript;
  const key = decodePaillierKey(hexToBytes(spec.privacy.paillier?.n ?? "0x"));
  const plan = vectorPlan(spec, parameters, Math.max(1, encrypted.length));
  const values = decrypted && bytesToInts(decrypted.values, plan.dimension);
  if (key === undefined || values === undefined || decrypted === undefined) {
    return { rejected: "MALFORMED_UPDATE" };
  }
  const context = contextOf(ports.scope, { ...closed, job: job.job, attempt });
  const hashes = new Map<number, Hex>();
  for (const { owner, ciphertexts } of encrypted) hashes.set(owner, ports.keccak256(ciphertexts));
  const sum = product(
    key,
    encrypted.map(({ ciphertexts }) => ciphertexts),
  );
  if (sum === undefined) return { rejected: "MALFORMED_UPDATE" };
  const digest = decryptedDigest(ports, context, ports.keccak256(sum), ports.keccak256(decrypted.values));
  if (ports.recover(digest, decrypted.signature) !== job.consumer) return { rejected: "WRONG_DECRYPTION" };
  const part = decodeSum(
    plan,
    values,
    encrypted.map(({ owner }) => owner),
  );
  return "rejected" in part ? part : { hashes, parts: [part] };
}

function product(key: PaillierPublicKey, vectors: readonly Uint8Array[]): Uint8Array | undefined {
  const read: bigint[][] = [];
  for (const bytes of vectors) {
    const vector = decodeCiphertexts(key, bytes, Math.floor(bytes.length / (key.bits / 4)));
    if (isRejection(vector)) return undefined;
    read.push(vector);
  }
  if (read.length === 0) return undefined;
  const sum = addCiphertexts(key, read);
  return isRejection(sum) ? undefined : encodeCiphertexts(key, sum);
}
