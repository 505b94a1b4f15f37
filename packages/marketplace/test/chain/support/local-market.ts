import { bytesToHex, createRandom, type Hex, hexToBytes } from "@sheaf/base";
import { createRpcClient, privateKeyToAddress, type RpcClient } from "@sheaf/protocol";
import { type Anvil, anvilKey, startAnvil } from "../../../../load/test/support/anvil.ts";
import { connectMarket, type MarketClient, type MarketOptions } from "../../../src/chain/connect-market.ts";
import {
  type DeployedMarket,
  deployMarket,
  type Grant,
  issueLicences,
} from "../../../src/chain/deploy-market.ts";
import type { Address, LicenceRole, Terms } from "../../../src/chain/types.ts";

export interface Account {
  readonly key: Hex;
  readonly address: Address;
}

/** The same account for the same name. */
export function accountOf(name: string): Account {
  const key = bytesToHex(createRandom(`account ${name}`).bytes(32));
  return { key, address: privateKeyToAddress(hexToBytes(key)) };
}

/** Contracts on a real node of Foundry's. */
export interface LocalMarket {
  readonly anvil: Anvil;
  readonly rpcUrl: string;
  readonly rpc: RpcClient;
  readonly deployed: DeployedMarket;
  /** A client of the account; connects through `options.rpcUrl` if given. Closed with everything else. */
  connect(account: Account, options?: Partial<MarketOptions>): Promise<MarketClient>;
  /** Gives the accounts coins and licences. */
  admit(role: LicenceRole, ...accounts: readonly Account[]): Promise<void>;
  /** The next block is at least so much later. */
  passTime(seconds: number): Promise<void>;
  stop(): Promise<void>;
}

export const authorityKey = anvilKey;

export async function startLocalMarket(blockSeconds = 0.25): Promise<LocalMarket> {
  const anvil = await startAnvil(blockSeconds);
  const rpcUrl = `http://${anvil.host}:${anvil.port}`;
  const rpc = createRpcClient(rpcUrl);
  const clients: MarketClient[] = [];
  const deployed = await deployMarket({ rpcUrl, authorityKey, pollMs: 30 });
  return {
    anvil,
    rpcUrl,
    rpc,
    deployed,
    async connect({ key }, options = {}) {
      const client = await connectMarket({
        rpcUrl,
        key,
        addresses: deployed.addresses,
        pollMs: 30,
        ...options,
      });
      clients.push(client);
      return client;
    },
    async admit(role, ...accounts) {
      for (const { address } of accounts) {
        await rpc.call("anvil_setBalance", [address, `0x${(10n ** 21n).toString(16)}`]);
      }
      const grants = accounts.map(({ address }): Grant => ({ subject: address, role }));
      await issueLicences(
        { rpcUrl, authorityKey, pollMs: 30, licences: deployed.addresses.licences },
        grants,
      );
    },
    async passTime(seconds) {
      await rpc.call("evm_increaseTime", [seconds]);
      await rpc.call("evm_mine", []);
    },
    async stop() {
      for (const client of clients) client.close();
      rpc.close();
      await anvil.stop();
    },
  };
}

export const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;

export const terms: Terms = {
  offerSeconds: 1_000,
  recruitSeconds: 1_000,
  roundSeconds: 1_000,
  resumeSeconds: 1_000,
  disputeSeconds: 1_000,
  minRounds: 1,
  maxRounds: 3,
  minOwners: 3,
  maxOwners: 8,
};
