import { bytesToHex, type Hex } from "@sheaf/base";
import { createProposers, type QbftPorts, type Validator, verifyCommitCertificate } from "@sheaf/consensus";
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
import { epochDrawAt } from "../epoch-draw.ts";
import type { ChainStore } from "../ports.ts";

/** The validators of a height as consensus takes them. */
export interface HeightValidators {
  readonly validators: readonly Validator[];
  /** Of the draws of proposers; `undefined` in a chain without epochs. */
  readonly seed: Uint8Array | undefined;
}

/** The validators of the chain, as genesis names them: who proposes when, and whose seals count. */
export interface ChainCommittee {
  readonly addresses: ReadonlySet<Address>;
  /** What votes are signed for: the genesis hash. */
  readonly chain: Uint8Array;
  readonly genesisHash: Hex;
  /** At a height up to the one after the head; the same object throughout an epoch [EPOCH.2]. */
  at(height: number): HeightValidators;
  /** At a height up to the one after the head. */
  proposer(height: number, round: number): Address;
  /** The round in which a quorum sealed `digest` at `height`, or `undefined` when the certificate is bad [FETCH.2]. */
  sealedRound(height: number, digest: Hex, certificate: Uint8Array): number | undefined;
}

/** Also in which order they propose. */
interface ProposingValidators extends HeightValidators {
  readonly lastBlock: number;
  readonly firstBlock: number;
  readonly proposer: (height: number, round: number) => Address;
}

export function createChainCommittee(
  genesis: Genesis,
  store: Pick<ChainStore, "blockHash" | "weightsAfter">,
): ChainCommittee {
  const validators = genesis.validators.map(({ address, weight }) => ({ address, weight }));
  const chain = genesisHash(genesis);
  let latest: ProposingValidators | undefined;

  function proposing(height: number): ProposingValidators {
    if (latest === undefined || height < latest.firstBlock || height > latest.lastBlock) {
      latest = proposingAt(height);
    }
    return latest;
  }

  function proposingAt(height: number): ProposingValidators {
    const epoch = epochDrawAt(genesis, store, height);
    if (epoch === undefined) {
      const lastBlock = Number.POSITIVE_INFINITY;
      return { validators, seed: undefined, firstBlock: 0, lastBlock, proposer: createProposers(validators) };
    }
    const { draw, firstBlock, lastBlock } = epoch;
    const proposer = createProposers(epoch.validators, draw);
    return { validators: epoch.validators, seed: draw.seed, firstBlock, lastBlock, proposer };
  }

  return {
    addresses: new Set(validators.map(({ address }) => address)),
    chain,
    genesisHash: bytesToHex(chain),
    at: proposing,
    proposer: (height, round) => proposing(height).proposer(height, round),
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
