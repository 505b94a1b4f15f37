import type { Hex } from "@sheaf/base";
import { computeAddress, getBytes, hexlify, SigningKey, TypedDataEncoder, toBeHex } from "ethers";
import {
  type CoalitionsConfig,
  coalitionDomain,
  coalitionsAccount,
  coalitionsContract,
  consentTypes,
  statementTypes,
} from "../../src/index.ts";
import { account, type Chain, createChain, type Deployed, type Outcome } from "../evm.ts";

export const authority = account(0) as Hex;
export const systemAddress = `0xff${"ff".repeat(18)}fe`;
export const home = account(0xc0) as Hex;

/** An address with its key. */
export interface Person {
  readonly address: string;
  readonly key: SigningKey;
}

export function person(index: number): Person {
  const key = new SigningKey(toBeHex(index + 1, 32));
  return { address: computeAddress(key).toLowerCase(), key };
}

export const config: CoalitionsConfig = {
  authority,
  epochBlocks: 4,
  synergyQuarters: 5,
  split: "proportional",
  rewardPerBlockWei: 1_000_003n,
  poolWei: 10n ** 12n,
  bondWei: 500n,
  answerBlocks: 3,
  suspensionEpochs: 2,
};

/** What a worker says of an epoch; `root` has 32 bytes. */
export interface Words {
  readonly epoch: bigint;
  readonly samples: bigint;
  readonly root: string;
}

/** The coalitions on a chain of their own. */
export interface World {
  readonly chain: Chain;
  readonly coalitions: Deployed;
  /** Goes on to the next block, proposed by `proposer`, and calls `onBlock` as the node does. */
  next(proposer?: string): Promise<Outcome>;
}

export async function createWorld(changes: Partial<CoalitionsConfig> = {}): Promise<World> {
  const chain = await createChain();
  const coalitions = await chain.place(
    coalitionsContract,
    home,
    coalitionsAccount({ ...config, ...changes }),
  );
  return {
    chain,
    coalitions,
    next(proposer = account(0xdead)) {
      chain.block.number += 1n;
      chain.block.coinbase = proposer;
      return coalitions.send(systemAddress, "onBlock");
    },
  };
}

const domain = coalitionDomain(1, home);

/** A contribution as the contract takes it, signed by the worker or by `signer`. */
export function contribution(worker: Person, words: Words, signer = worker): readonly unknown[] {
  const { samples, root } = words;
  return [worker.address, samples, root, sign(signer, statementTypes, { ...words })];
}

/** A miner's consent, for this chain and contract unless another domain is given. */
export function consent(
  member: Person,
  members: readonly string[],
  epoch: bigint,
  nonce: bigint,
  where = domain,
): string {
  return sign(member, consentTypes, { members, epoch, nonce }, where);
}

function sign(
  { key }: Person,
  types: Readonly<Record<string, readonly { readonly name: string; readonly type: string }[]>>,
  value: Readonly<Record<string, unknown>>,
  where: { readonly chainId: number } = domain,
): string {
  const mutable = Object.fromEntries(Object.entries(types).map(([name, fields]) => [name, [...fields]]));
  return key.sign(TypedDataEncoder.hash(where, mutable, value)).serialized;
}

/** A word that is no root of anything. */
export const rootOf = (n: number): string => toBeHex(n, 32);

export const hex = (bytes: Uint8Array): string => hexlify(getBytes(bytes));
