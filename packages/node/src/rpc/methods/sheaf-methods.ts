import { bytesToHex, type Hex } from "@sheaf/base";
import { verifyCommitCertificate } from "@sheaf/consensus";
import {
  type Genesis,
  genesisHash,
  keccak256,
  parseSignature,
  recoverAddress,
  type SheafBlockOutcomes,
  type SheafCommitCertificate,
  type SheafEpoch,
  type SheafMethods,
  type SheafStatus,
  secp256k1,
} from "@sheaf/protocol";
import { parseCertificate } from "../../commit-certificate.ts";
import { epochDrawAt } from "../../epoch-draw.ts";
import type { BlockView } from "../chain-view.ts";
import type { RpcContext } from "../context.ts";
import { type JsonText, jsonText } from "../json-text.ts";
import { type Method, method } from "../method.ts";
import { aBlock, aCount, type BlockRef, optional } from "../parameters.ts";
import { serverFault } from "../rpc-fault.ts";

/** Commit times given at once, as many as are kept. */
const MAX_TIMES = 1_024;

/** Methods of our own: what tools need to know of a validator, and measurements of its chain [RPC.12]. */
export function sheafMethods(context: RpcContext): Readonly<Record<keyof SheafMethods, Method>> {
  const { chain, genesis, status } = context;
  const outcomes = new WeakMap<BlockView, JsonText>();

  /** Made once for a block: every watcher asks for the same text. */
  function outcomesText(view: BlockView): JsonText {
    const known = outcomes.get(view);
    if (known !== undefined) return known;
    const made = jsonText(JSON.stringify(blockOutcomes(view, genesis)));
    outcomes.set(view, made);
    return made;
  }

  return {
    sheaf_status: method([], () => nodeStatus(context)),
    sheaf_peers: method([], () =>
      status.peers.map(({ validator, connected, height, remote }) => ({
        validator,
        connected,
        height: height ?? null,
        remote: remote ?? null,
      })),
    ),
    sheaf_validators: method([], () =>
      genesis.validators.map(({ address, weight }) => ({ address, weight })),
    ),
    sheaf_epoch: method([optional(aBlock)], ([block]) => epochAnswer(context, block)),
    sheaf_getCommitCertificate: method([aCount], ([number]) => {
      const view = chain.find({ kind: "number", number });
      return view === undefined ? null : commitCertificate(view, genesis);
    }),
    sheaf_getCommitTimes: method([aCount, aCount], ([from, count]) => {
      const until = from + Math.min(count, MAX_TIMES);
      return status.commitTimes.filter(({ number }) => number >= from && number < until);
    }),
    sheaf_getBlockOutcomes: method([aCount], ([number]) => {
      const view = chain.find({ kind: "number", number });
      return view === undefined ? null : outcomesText(view);
    }),
  };
}

function nodeStatus({
  genesis,
  validator,
  version,
  durability,
  store,
  status,
  mempool,
}: RpcContext): SheafStatus {
  const { header, hash } = store.head.block;
  const { height, round } = status.consensus;
  const { pending, queued } = mempool.size;
  return {
    version,
    network: genesis.name,
    chainId: genesis.chainId,
    validator,
    height: header.number,
    hash,
    consensus: { height, round },
    peers: status.peers.filter((peer) => peer.connected).length,
    validators: genesis.validators.length,
    mempool: { pending, queued },
    syncing: status.syncing,
    signatureEngine: secp256k1.name,
    durability,
  };
}

/** [RPC.18] */
function epochAnswer(
  { chain, genesis, store }: RpcContext,
  block: BlockRef = { kind: "head" },
): SheafEpoch | null {
  const number = chain.numberOf(block);
  const found = number === undefined ? undefined : epochDrawAt(genesis, store, number);
  if (found === undefined || genesis.epochs === undefined) return null;
  const { epoch, firstBlock, lastBlock, seed, validators } = found;
  return { epoch, firstBlock, lastBlock, seed, contract: genesis.epochs.contract, weights: validators };
}

function blockOutcomes({ stored, receipts }: BlockView, genesis: Genesis): SheafBlockOutcomes {
  const { header, hash } = stored.block;
  const hashes = receipts.map(({ transactionHash }) => transactionHash.slice(2)).join("");
  const statuses = receipts.map(({ succeeded }) => (succeeded ? "01" : "00")).join("");
  return {
    number: header.number,
    hash,
    parentHash: header.parentHash,
    timestampMs: header.timestampMs,
    proposer: header.proposer,
    round: parseCertificate(stored.certificate)?.round ?? 0,
    gasUsed: Number(stored.result.gasUsed),
    gasLimit: genesis.limits.gasPerBlock,
    sizeBytes: stored.sizeBytes,
    transactionHashes: `0x${hashes}`,
    statuses: `0x${statuses}`,
  };
}

/** Genesis has no certificate: it is `null` like a block that is not there. */
function commitCertificate(
  { number, hash, stored }: BlockView,
  genesis: Genesis,
): SheafCommitCertificate | null {
  const sealed = parseCertificate(stored.certificate);
  if (sealed === undefined) return null;
  const check = verifyCommitCertificate(
    { height: number, digest: hash, ...sealed },
    genesis.validators,
    genesisHash(genesis),
    { hash: keccak256, recover },
  );
  if (!check.valid) throw serverFault(`the stored certificate is bad (${check.code})`);
  return {
    number,
    hash,
    round: sealed.round,
    seals: sealed.seals.map((seal, index) => ({
      validator: check.signers[index] as Hex,
      signature: bytesToHex(seal),
    })),
  };
}

function recover(digest: Uint8Array, bytes: Uint8Array): Hex | undefined {
  const signature = parseSignature(bytes);
  return signature === undefined ? undefined : recoverAddress(digest, signature);
}
