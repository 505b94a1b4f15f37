import type { Hex } from "@sheaf/base";
import type { Committee } from "./committee.ts";
import type { Address, QbftOptions, QbftPorts } from "./config.ts";
import type { Justification, PrePrepare, Prepared, RoundChange } from "./messages.ts";
import { statementDigest } from "./signing.ts";

type Keys = {
  readonly options: Pick<QbftOptions, "chain">;
  readonly ports: Pick<QbftPorts, "hash" | "recover">;
};

/**
 * Who vouches for `message` proposing its value in its round; `undefined` when it may not. Round 0
 * needs no reason and may give none [JUSTIFY.1]. A later round needs round changes of a quorum
 * [JUSTIFY.2]; and when any of them claims a prepared value, the certificate for the highest round
 * claimed, for this very value [JUSTIFY.3].
 */
export function justifiers(
  keys: Keys,
  committee: Committee,
  message: PrePrepare,
): ReadonlySet<Address> | undefined {
  const { height, round, value, justification } = message;
  if (round === 0) return justification === undefined ? new Set() : undefined;
  if (justification === undefined) return undefined;
  const senders = claimants(keys, committee, message, justification);
  if (senders === undefined || senders.size < committee.quorum) return undefined;

  const { roundChanges, certificate } = justification;
  const claims = roundChanges.flatMap(({ prepared }) => (prepared === undefined ? [] : [prepared]));
  if (certificate === undefined) return claims.length === 0 ? senders : undefined;
  const highest = Math.max(...claims.map((claim) => claim.round));
  const bound =
    highest < round &&
    certificate.round === highest &&
    certificate.digest === value.digest &&
    claims.some((claim) => claim.round === highest && claim.digest === value.digest) &&
    isPrepareCertificate(keys, committee, height, certificate);
  return bound ? senders : undefined;
}

/** Who signed the round changes of a justification; `undefined` unless all are different validators. */
function claimants(
  { options, ports }: Keys,
  committee: Committee,
  { height, round }: PrePrepare,
  { roundChanges }: Justification,
): ReadonlySet<Address> | undefined {
  if (roundChanges.length > committee.members.size) return undefined;
  const senders = new Set<Address>();
  for (const { prepared, signature } of roundChanges) {
    const digest = prepared?.digest;
    const preparedRound = prepared?.round;
    const statement = { type: "round-change", height, round, digest, preparedRound } as const;
    const sender = ports.recover(statementDigest(statement, options.chain, ports), signature);
    if (sender === undefined || !committee.members.has(sender) || senders.has(sender)) return undefined;
    senders.add(sender);
  }
  return senders;
}

/** Whether a quorum, each validator once, signed prepares of `digest` in (height, round) [JUSTIFY.4]. */
export function isPrepareCertificate(
  { options, ports }: Keys,
  committee: Committee,
  height: number,
  certificate: { readonly round: number; readonly digest: Hex; readonly signatures: readonly Uint8Array[] },
): boolean {
  const { round, digest, signatures } = certificate;
  if (signatures.length < committee.quorum || signatures.length > committee.members.size) return false;
  const statement = { type: "prepare", height, round, digest, preparedRound: undefined } as const;
  const signed = statementDigest(statement, options.chain, ports);
  const signers = new Set<Address>();
  for (const signature of signatures) {
    const signer = ports.recover(signed, signature);
    if (signer === undefined || !committee.members.has(signer) || signers.has(signer)) return false;
    signers.add(signer);
  }
  return true;
}

/** The prepared value of the highest round among round changes, with its sender [JUSTIFY.3]. */
export function highestPrepared(
  roundChanges: ReadonlyMap<Address, RoundChange>,
): { readonly sender: Address; readonly prepared: Prepared } | undefined {
  let highest: { readonly sender: Address; readonly prepared: Prepared } | undefined;
  for (const [sender, { prepared }] of roundChanges) {
    if (prepared !== undefined && (highest === undefined || prepared.round > highest.prepared.round)) {
      highest = { sender, prepared };
    }
  }
  return highest;
}

/** The justification that round changes of one round give, `highest` being the lock among them. */
export function justificationOf(
  roundChanges: ReadonlyMap<Address, RoundChange>,
  highest: Prepared | undefined,
): Justification {
  return {
    roundChanges: [...roundChanges.values()].map(({ prepared, signature }) => ({
      prepared: prepared && { round: prepared.round, digest: prepared.value.digest },
      signature,
    })),
    certificate: highest && {
      round: highest.round,
      digest: highest.value.digest,
      signatures: highest.signatures,
    },
  };
}
