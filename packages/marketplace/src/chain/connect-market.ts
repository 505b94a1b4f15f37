import { type Clock, type Hex, type Millis, systemClock } from "@sheaf/base";
import { encodeCall, type MarketAddresses } from "./contracts.ts";
import { type Following, type FollowOptions, followEvents } from "./follow.ts";
import { createLicenceBook, type LicenceBook } from "./licence-book.ts";
import { createMarketReads, type MarketReads } from "./read-market.ts";
import { createPatientRpc } from "./rpc.ts";
import { createTransactor, type TransactOptions } from "./transactor.ts";
import type { Address, MarketCall } from "./types.ts";

export interface MarketOptions {
  readonly rpcUrl: string;
  /** Private key of the account that acts; 32 bytes. No other process may use it at the same time. */
  readonly key: Hex;
  readonly addresses: MarketAddresses;
  /** Between two looks for a receipt. Default 150 ms. */
  readonly pollMs?: Millis;
  /** How long the endpoint may be away. Default 60 s. */
  readonly patienceMs?: Millis;
  /** How long a transaction may wait for its block. Default 120 s. */
  readonly inclusionMs?: Millis;
  readonly clock?: Clock;
}

/** What a transaction ended with. */
export interface TransactionResult {
  readonly transactionHash: Hex;
  readonly blockNumber: number;
  readonly gasUsed: bigint;
}

/** One account's view of a market, and its hands. */
export interface MarketClient {
  readonly address: Address;
  readonly chainId: bigint;
  /** `chainId/market`: what messages about the market's jobs are bound to. */
  readonly scope: string;
  readonly read: MarketReads;
  readonly licences: LicenceBook;
  /**
   * Resolves when a block includes the call. Calls of one client may overlap: they are sent in the order made, each
   * checked upon the newest block, so that one which needs another's effect must wait for it.
   * Raises `ChainErrorDetail`, `RPC_UNREACHABLE`.
   */
  transact(call: MarketCall, options?: TransactOptions): Promise<TransactionResult>;
  /** Keeps `licences` up to date, too: before the listener is called. */
  follow(options: FollowOptions): Following;
  close(): void;
}

/** Connects to a market that is deployed. Reads all licences. Raises `RPC_UNREACHABLE`. */
export async function connectMarket(options: MarketOptions): Promise<MarketClient> {
  const { addresses, clock = systemClock } = options;
  const rpc = createPatientRpc({ url: options.rpcUrl, clock, patienceMs: options.patienceMs ?? 60_000 });
  const transactor = await createTransactor({
    rpc,
    clock,
    key: options.key,
    pollMs: options.pollMs ?? 150,
    inclusionMs: options.inclusionMs ?? 120_000,
  });
  const read = createMarketReads(rpc, addresses);
  const licences = createLicenceBook(rpc, read);
  await licences.refresh();

  return {
    address: transactor.address,
    chainId: transactor.chainId,
    scope: `${transactor.chainId}/${addresses.market}`,
    read,
    licences,
    async transact(call, transactOptions) {
      const receipt = await transactor.transact(encodeCall(call, addresses), transactOptions);
      const { transactionHash, blockNumber, gasUsed } = receipt;
      return { transactionHash, blockNumber, gasUsed };
    },
    follow(followOptions) {
      const { listener } = followOptions;
      return followEvents(
        { rpc, clock, addresses },
        {
          ...followOptions,
          listener(block, head) {
            for (const event of block.events) licences.apply(event);
            return listener(block, head);
          },
        },
      );
    },
    close: () => rpc.close(),
  };
}
