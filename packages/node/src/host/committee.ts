import { bytesToHex, type Hex } from "@sheaf/base";
import {
  proposerAt,
  proposerTurns,
  type QbftPorts,
  type Validator,
  verifyCommitCertificate,
} from "@sheaf/consensus";
import {
  type Address,
  type Genesis,
  genesisHash,
  keccak256,
  parseSignature,
  recoverAddress,
  secp256k1,
  signatureToBytes,
} from "@sheaf/protocol";
import { parseCertificate } from "../commit-certificate.ts";

/** The validators of the chain, as genesis names them: who proposes when, and whose seals count. */
export interface ChainCommittee {
  readonly validators: readonly Validator[];
  readonly addresses: ReadonlySet<Address>;
  /** What votes are signed for: the genesis hash. */
  readonly chain: Uint8Array;
  readonly genesisHash: Hex;
  proposer(height: number, round: number): Address;
  /** The round in which a quorum sealed `digest` at `height`, or `undefined` when the certificate is bad [FETCH.2]. */
  sealedRound(height: number, digest: Hex, certificate: Uint8Array): number | undefined;
}

export function createChainCommittee(genesis: Genesis): ChainCommittee {
  const validators = genesis.validators.map(({ address, weight }) => ({ address, weight }));
  const turns = proposerTurns(validators);
  const chain = genesisHash(genesis);
  return {
    validators,
    addresses: new Set(validators.map(({ address }) => address)),
    chain,
    genesisHash: bytesToHex(chain),
    proposer: (height, round) => proposerAt(turns, validators.length, height, round),
    sealedRound(height, digest, certificate) {
      const sealed = parseCertificate(certificate);
      if (sealed === undefined) return undefined;
      const check = verifyCommitCertificate({ height, digest, ...sealed }, validators, chain, signatures);
      return check.valid ? sealed.round : undefined;
    },
  };
}

const signatures: Pick<QbftPorts, "hash" | "recover"> = {
  hash: keccak256,
  recover(digest, bytes) {
    const signature = parseSignature(bytes);
    return signature === undefined ? undefined : recoverAddress(digest, signature);
  },
};

/** The cryptography of consensus with a validator's key. */
export function consensusPorts(privateKey: Uint8Array): QbftPorts {
  return { ...signatures, sign: (digest) => signatureToBytes(secp256k1.sign(digest, privateKey)) };
}
