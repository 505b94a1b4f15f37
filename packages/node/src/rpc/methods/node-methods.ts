import { bytesToHex } from "@sheaf/base";
import { keccak256, toQuantity } from "@sheaf/protocol";
import type { RpcContext } from "../context.ts";
import { type MethodTable, method } from "../method.ts";
import { someData } from "../parameters.ts";

/** What this node is: `web3_*`, `net_*`, and the part of `eth_*` that asks for no block. */
export function nodeMethods(context: RpcContext): MethodTable {
  const { genesis, status, validator, version } = context;
  const connected = (): number => status.peers.filter((peer) => peer.connected).length;
  const client = `Sheaf/v${version}/${process.platform}-${process.arch}/node${process.versions.node}`;

  function syncing() {
    if (!status.syncing) return false;
    const current = context.store.head.block.header.number;
    const heights = status.peers.map((peer) => peer.height ?? 0);
    return {
      startingBlock: "0x0",
      currentBlock: toQuantity(current),
      highestBlock: toQuantity(Math.max(current, ...heights)),
    };
  }

  return {
    web3_clientVersion: method([], () => client),
    web3_sha3: method([someData], ([data]) => bytesToHex(keccak256(data))),
    net_version: method([], () => String(genesis.chainId)),
    net_listening: method([], () => true),
    net_peerCount: method([], () => toQuantity(connected())),
    rpc_modules: method([], () => ({ eth: "1.0", net: "1.0", sheaf: "1.0", txpool: "1.0", web3: "1.0" })),
    eth_chainId: method([], () => toQuantity(genesis.chainId)),
    eth_protocolVersion: method([], () => "0x44"),
    eth_syncing: method([], syncing),
    eth_accounts: method([], () => []),
    eth_coinbase: method([], () => validator),
    eth_mining: method([], () => false),
    eth_hashrate: method([], () => "0x0"),
  };
}
