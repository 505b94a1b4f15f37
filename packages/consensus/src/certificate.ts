import type { Hex } from "@sheaf/base";
import type { Address, QbftPorts, Validator } from "./config.ts";
import { quorumSize } from "./quorum.ts";
import { statementDigest } from "./signing.ts";

/** Proof that `digest` was decided at `height`, for anyone who knows the validators. */
export interface CommitCertificate {
  readonly height: number;
  readonly round: number;
  readonly digest: Hex;
  /** The signatures of the commits of a quorum. */
  readonly seals: readonly Uint8Array[];
}

export type CertificateCheck =
  | { readonly valid: true; readonly signers: readonly Address[] }
  | { readonly valid: false; readonly code: "TOO_FEW_SEALS" | "BAD_SEAL" | "DUPLICATE_SEAL" };

/**
 * Whether a quorum of `validators` sealed the decision [COMMIT.4]. Every seal must be good and from a
 * different validator. `chain` is that of `QbftOptions`.
 */
export function verifyCommitCertificate(
  certificate: CommitCertificate,
  validators: readonly Validator[],
  chain: Uint8Array,
  ports: Pick<QbftPorts, "hash" | "recover">,
  quorum: number = quorumSize(validators.length),
): CertificateCheck {
  if (certificate.seals.length < quorum) return { valid: false, code: "TOO_FEW_SEALS" };
  const members = new Set(validators.map(({ address }) => address));
  if (certificate.seals.length > members.size) return { valid: false, code: "DUPLICATE_SEAL" };
  const { height, round, digest } = certificate;
  const signed = statementDigest(
    { type: "commit", height, round, digest, preparedRound: undefined },
    chain,
    ports,
  );
  const signers = new Set<Address>();
  for (const seal of certificate.seals) {
    const signer = ports.recover(signed, seal);
    if (signer === undefined || !members.has(signer)) return { valid: false, code: "BAD_SEAL" };
    if (signers.has(signer)) return { valid: false, code: "DUPLICATE_SEAL" };
    signers.add(signer);
  }
  return { valid: true, signers: [...signers] };
}
