import { bytesToHex, type Clock, type Hex, type Millis } from "@sheaf/base";
import { keccak256, type RpcClient, signTransaction } from "@sheaf/protocol";
import { type Accounts, privateKeyOf } from "../accounts.ts";
import type { SigningChain } from "../signing/sign-job.ts";
import { classifyRefusal } from "./refusal.ts";

const gasOfFiller = 21_000n;
const retryMs: Millis = 500;
const tries = 20;

/** Empty transactions that take the nonce of one that was refused for good, so that its lane goes on. */
export interface Fillers {
  /** Signs and sends a filler of `account` for `nonce`; tells whether a validator took it. */
  fill(account: number, nonce: number): Promise<boolean>;
  /** The account of the filler with this hash, or `undefined`. */
  accountOf(hash: Hex): number | undefined;
  stop(): void;
}

/** Fillers for one chain. They are sent to its validators in turn until one takes them. */
export function createFillers(
  accounts: Accounts,
  chain: SigningChain,
  clients: readonly RpcClient[],
  clock: Clock,
): Fillers {
  const byHash = new Map<Hex, number>();
  let stopped = false;

  function sign(account: number, nonce: number): Uint8Array {
    return signTransaction(
      {
        type: 0,
        chainId: BigInt(chain.chainId),
        nonce: BigInt(nonce),
        gasLimit: gasOfFiller,
        maxFeePerGas: chain.gasPriceWei,
        maxPriorityFeePerGas: chain.gasPriceWei,
        to: accounts.addresses[account],
        value: 0n,
        data: new Uint8Array(0),
        accessList: [],
      },
      privateKeyOf(accounts, account),
    );
  }

  async function offer(raw: Hex, attempt: number): Promise<boolean> {
    try {
      const [outcome] = await (clients[attempt % clients.length] as RpcClient).sendRawBatch([raw]);
      return outcome !== undefined && (outcome.ok || classifyRefusal(outcome.error) === "known");
    } catch {
      return false;
    }
  }

  return {
    async fill(account, nonce) {
      const raw = sign(account, nonce);
      byHash.set(bytesToHex(keccak256(raw)), account);
      for (let attempt = 0; attempt < tries && !stopped; attempt++) {
        if (await offer(bytesToHex(raw), attempt)) return true;
        await new Promise<void>((resolve) => {
          clock.schedule(retryMs, resolve);
        });
      }
      return false;
    },
    accountOf: (hash) => byHash.get(hash),
    stop() {
      stopped = true;
    },
  };
}
