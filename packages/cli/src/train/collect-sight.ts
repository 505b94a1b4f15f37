import { type Millis, sleep } from "@sheaf/base";
import { bondOf } from "@sheaf/marketplace";
import type { TrainingAgent, TransactionRef } from "@sheaf/measure";
import type { Address } from "@sheaf/protocol";
import { createRpcClient, parseQuantity } from "@sheaf/protocol";
import { type AgentPlace, agentFiles } from "./agents.ts";
import type { MarketFollower, TimedEvent } from "./follow-market.ts";
import type { TrainingPlan } from "./plan-training.ts";
import { labelCounts, type PreparedData } from "./prepare-data.ts";
import { linesOf, readAgentLog } from "./record/agent-log.ts";
import type { SeenChain } from "./record/assemble-record.ts";
import type { MarketSight, SeenEvent } from "./record/market-sight.ts";
import { attackOf, type MarketChain } from "./start-market.ts";

/** What a process used over its life. */
export interface ProcessUse {
  readonly cpuMs: Millis;
  readonly peakRssMb: number;
}

/** Everything that agents left behind, by their names. */
export async function readSight(markets: readonly MarketChain[], originMs: Millis): Promise<MarketSight> {
  const agents = markets.flatMap((market) => market.agents);
  const logs = await Promise.all(
    agents.map(async ({ name, dir }) => [name, await readAgentLog(agentFiles.events(dir))] as const),
  );
  const names = new Map<Address, string>(agents.map(({ address, name }) => [address, name]));
  for (const { authority, index, chain } of markets) names.set(authority, authorityName(index, chain.name));
  return { originMs, names, logs: new Map(logs) };
}

function authorityName(index: number, chain: string): string {
  return index === 0 ? "authority" : `${chain}/authority`;
}

const ATTACK_WORDS = {
  "label-flip": "trains on labels that it has turned round",
  "sign-flip": "sends its update with the sign turned",
  scaling: "sends its update many times as large",
  "free-rider": "sends an update without training",
} as const;

/** The agents of one market as the record names them. */
export function describeAgents(
  { agents, authority, index, chain }: MarketChain,
  { training }: TrainingPlan,
  data: PreparedData,
  sight: MarketSight,
  uses: ReadonlyMap<string, ProcessUse>,
  killed: ReadonlySet<string>,
): readonly TrainingAgent[] {
  const rows = agents.map((agent: AgentPlace): TrainingAgent => {
    const own = agent.role === "owner" ? data.owners[agent.index] : undefined;
    const attack =
      own === undefined ? undefined : attackOf(training.attackers, agent.index, data.owners.length);
    const use = uses.get(agent.name);
    const end = linesOf(sight.logs.get(agent.name) ?? [], "host-end").at(-1);
    return {
      name: agent.name,
      role: agent.role,
      address: agent.address,
      data: own === undefined ? null : { samples: own.count, labels: labelCounts(own) },
      attack: attack === undefined ? null : { kind: attack, description: ATTACK_WORDS[attack] },
      busBytes: end?.busBytes ?? null,
      cpuMs: use?.cpuMs ?? null,
      peakRssMb: use?.peakRssMb ?? null,
      exit: killed.has(agent.name) ? "killed" : use === undefined ? "crashed" : "ended",
    };
  });
  const issuer: TrainingAgent = {
    name: authorityName(index, chain.name),
    role: "authority",
    address: authority,
    data: null,
    attack: null,
    busBytes: null,
    cpuMs: null,
    peakRssMb: null,
    exit: "ended",
  };
  return [...rows, issuer];
}

const RECEIPT_BATCH = 100;

/** Everything that happened on a market, each event with its sender, its gas and the time of its block. */
export async function seeChain(
  market: MarketChain,
  follower: MarketFollower,
  agents: readonly TrainingAgent[],
  originMs: Millis,
): Promise<SeenChain> {
  const funds = await readFunds(market, follower).catch(() => undefined);
  const events = [...follower.events];
  const receipts = await readReceipts(market.rpcUrl, events);
  const lastBlock = Math.max(market.fromBlock, ...events.map(({ blockNumber }) => blockNumber));
  const counted = events.filter(({ blockNumber }) => blockNumber <= (funds?.block ?? 0));
  return {
    chain: market.chain,
    contracts: market.contracts,
    agents,
    events: events.map((event): SeenEvent => {
      const receipt = receipts.get(event.transactionHash);
      return {
        ...event,
        from: receipt?.from ?? "0x0000000000000000000000000000000000000000",
        transaction: receipt?.transaction ?? {
          hash: event.transactionHash,
          block: event.blockNumber,
          gasUsed: null,
        },
        timeMs: Math.max(0, event.blockTimestampMs - originMs),
      };
    }),
    firstBlock: market.fromBlock,
    lastBlock,
    books:
      funds === undefined
        ? undefined
        : {
            block: funds.block,
            deposited: String(depositsOf(counted)),
            locked: String(funds.locked),
            credited: String(funds.credited),
            withdrawn: String(withdrawalsOf(counted)),
            balance: String(funds.balance),
          },
  };
}

const FUNDS_POLL_MS: Millis = 100;
const FUNDS_LIMIT_MS: Millis = 15_000;

/** What the market holds at one block, once every event up to that block has been followed. */
async function readFunds({ rpcUrl }: MarketChain, { client, block }: MarketFollower) {
  const rpc = createRpcClient(rpcUrl);
  const readHead = async (): Promise<number> => Number(parseQuantity(await rpc.call("eth_blockNumber", [])));
  const untilMs = performance.now() + FUNDS_LIMIT_MS;
  while (performance.now() < untilMs) {
    const head = await readHead();
    const funds = await client.read.funds();
    // State is read at the head, which may have moved meanwhile.
    if ((await readHead()) !== head) continue;
    while (block() < head && performance.now() < untilMs) await sleep(FUNDS_POLL_MS);
    return block() < head ? undefined : { ...funds, block: head };
  }
  return undefined;
}

/** All that was ever paid in: prices, and bonds of disputes. */
function depositsOf(events: readonly TimedEvent[]): bigint {
  const prices = new Map<bigint, bigint>();
  let total = 0n;
  for (const event of events) {
    if (event.event === "requested") {
      prices.set(event.job, event.price);
      total += event.price;
    }
    if (event.event === "disputed") total += bondOf(prices.get(event.job) ?? 0n);
  }
  return total;
}

function withdrawalsOf(events: readonly TimedEvent[]): bigint {
  return events.reduce((sum, event) => (event.event === "withdrawn" ? sum + event.amount : sum), 0n);
}

interface Receipt {
  readonly from: Address;
  readonly transaction: TransactionRef;
}

async function readReceipts(
  rpcUrl: string,
  events: readonly TimedEvent[],
): Promise<ReadonlyMap<string, Receipt>> {
  const client = createRpcClient(rpcUrl);
  const hashes = [...new Set(events.map(({ transactionHash }) => transactionHash))];
  const found = new Map<string, Receipt>();
  for (let at = 0; at < hashes.length; at += RECEIPT_BATCH) {
    const asked = hashes.slice(at, at + RECEIPT_BATCH);
    const answers = await Promise.all(
      asked.map((hash) => client.call("eth_getTransactionReceipt", [hash]).catch(() => null)),
    );
    for (const [index, answer] of answers.entries()) {
      const receipt = answer as { from: Address; blockNumber: string; gasUsed: string } | null;
      if (receipt === null) continue;
      const hash = asked[index] as string;
      const transaction = { hash, block: Number(receipt.blockNumber), gasUsed: Number(receipt.gasUsed) };
      found.set(hash, { from: receipt.from, transaction });
    }
  }
  return found;
}
