import { asBuffer, bytesToHex, type Hex } from "@sheaf/base";
import { keccak256, signTransaction } from "@sheaf/protocol";

/** Transactions of a job: small enough to bound memory, large enough that posting it costs nothing. */
export const jobSize = 1_024;

/** What every transaction of a chain has in common. */
export interface SigningChain {
  readonly chainId: number;
  readonly gasPriceWei: bigint;
  readonly gasLimit: number;
}

/** What a signing thread is started with. */
export interface SigningContext {
  /** 32 bytes an account. */
  readonly privateKeys: Uint8Array;
  readonly chains: readonly SigningChain[];
}

/** Unsigned transactions as columns; all buffers are handed over to the thread. */
export interface SignJob {
  readonly id: number;
  readonly count: number;
  readonly dataLength: number;
  readonly chain: Uint16Array;
  readonly sender: Uint32Array;
  readonly nonce: Uint32Array;
  /** 20 bytes a transaction. */
  readonly to: Uint8Array;
  /** Wei, below 2^53. */
  readonly value: Float64Array;
  /** `dataLength` bytes a transaction. */
  readonly data: Uint8Array;
}

/** The signed transactions of a job, one after another. */
export interface SignedJob {
  readonly id: number;
  readonly count: number;
  readonly raw: Uint8Array;
  /** End of each transaction in `raw`. */
  readonly ends: Uint32Array;
  /** 32 bytes a transaction. */
  readonly hashes: Uint8Array;
}

/**
 * Signs a job. Transactions are legacy ones with replay protection (EIP-155): the shortest form, and
 * the one that every Ethereum node takes.
 */
export function signJob(job: SignJob, context: SigningContext): SignedJob {
  const { count, dataLength } = job;
  const parts: Uint8Array[] = [];
  const ends = new Uint32Array(count);
  const hashes = new Uint8Array(count * 32);
  let end = 0;
  for (let i = 0; i < count; i++) {
    const chain = context.chains[job.chain[i] as number] as SigningChain;
    const key = (job.sender[i] as number) * 32;
    const raw = signTransaction(
      {
        type: 0,
        chainId: BigInt(chain.chainId),
        nonce: BigInt(job.nonce[i] as number),
        gasLimit: BigInt(chain.gasLimit),
        maxFeePerGas: chain.gasPriceWei,
        maxPriorityFeePerGas: chain.gasPriceWei,
        to: bytesToHex(job.to.subarray(i * 20, i * 20 + 20)),
        value: BigInt(job.value[i] as number),
        data: job.data.subarray(i * dataLength, (i + 1) * dataLength),
        accessList: [],
      },
      context.privateKeys.subarray(key, key + 32),
    );
    hashes.set(keccak256(raw), i * 32);
    parts.push(raw);
    end += raw.length;
    ends[i] = end;
  }
  const raw = new Uint8Array(end);
  parts.forEach((part, i) => {
    raw.set(part, (ends[i] as number) - part.length);
  });
  return { id: job.id, count, raw, ends, hashes };
}

/** `0x` and the hex of one transaction of a signed job. */
export function rawHex({ raw, ends }: SignedJob, position: number): Hex {
  const start = position === 0 ? 0 : (ends[position - 1] as number);
  return `0x${asBuffer(raw).toString("hex", start, ends[position])}`;
}
