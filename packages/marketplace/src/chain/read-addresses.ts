import { CodedError, invalidInput, systemClock } from "@sheaf/base";
import { interfaces, type MarketAddresses } from "./contracts.ts";
import { toAddress } from "./decode-event.ts";
import { createPatientRpc } from "./rpc.ts";
import type { Address } from "./types.ts";

/** The contracts that belong to a market, as the market itself names them, and where its events begin at the latest. */
export async function readAddresses(options: {
  readonly rpcUrl: string;
  readonly market: Address;
}): Promise<{ readonly addresses: MarketAddresses; readonly fromBlock: number }> {
  const { rpcUrl, market } = options;
  const rpc = createPatientRpc({ url: rpcUrl, clock: systemClock, patienceMs: 10_000 });
  const read = async (name: "licences" | "reputation"): Promise<Address> => {
    const data = interfaces.market.encodeFunctionData(name, []);
    const answer = (await rpc.call("eth_call", [{ to: market, data }, "latest"])) as string;
    if (answer === "0x") throw noMarket(market);
    return toAddress(interfaces.market.decodeFunctionResult(name, answer)[0]);
  };
  try {
    const addresses = { licences: await read("licences"), market, reputation: await read("reputation") };
    return { addresses, fromBlock: 0 };
  } catch (error) {
    // A revert: code that is no market's.
    throw error instanceof CodedError && error.code === "RPC_ERROR" ? noMarket(market) : error;
  } finally {
    rpc.close();
  }
}

function noMarket(market: Address): Error {
  return invalidInput(
    `market ${market}`,
    "is no market on this chain",
    "give the address that bench market deploy printed",
  );
}
