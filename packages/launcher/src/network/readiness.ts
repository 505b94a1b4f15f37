import { type Clock, CodedError, type Millis, sleep } from "@sheaf/base";
import { createRpcClient, type RpcClient, type SheafStatus } from "@sheaf/protocol";
import type { LauncherErrorDetail } from "../errors.ts";
import { lastProblem, readLogTail } from "../process/log-tail.ts";
import { layout } from "./layout.ts";
import type { PlacedValidator } from "./node-configs.ts";

export interface ReadinessOptions {
  /** Whether the chains are new: their first block then counts as progress. */
  readonly fresh: boolean;
  readonly limitMs: Millis;
  readonly clock: Clock;
  /** How many validators answer and are connected to all others. */
  readonly onConnected: (count: number) => void;
  /** Raises to give up early: a validator failed, or the caller wants to stop. */
  readonly check: () => void;
}

const POLL_MS = 100;
const ANSWER_LIMIT_MS = 2_000;

interface Observed {
  readonly validator: PlacedValidator;
  readonly status: SheafStatus | undefined;
}

/**
 * Returns when every validator answers, is connected to all others of its chain, all of a chain
 * stand at one block, and that block was committed while this waited (of a new chain: any block).
 * Raises `NETWORK_NOT_READY` that says what it waited for, and whatever `check` raises.
 */
export async function awaitReadiness(
  validators: readonly PlacedValidator[],
  options: ReadinessOptions,
): Promise<void> {
  const { fresh, limitMs, clock, onConnected, check } = options;
  const clients = validators.map((validator) => ({
    validator,
    client: createRpcClient(rpcUrl(validator), { connections: 1, timeoutMs: ANSWER_LIMIT_MS }),
  }));
  const chains = [...new Set(validators.map(({ chain }) => chain))];
  const baselines = new Map(fresh ? chains.map((chain) => [chain, 0]) : []);
  const until = clock.now() + limitMs;
  try {
    for (;;) {
      check();
      const observed = await Promise.all(clients.map(observe));
      const groups = chains.map((chain) => observed.filter(({ validator }) => validator.chain === chain));
      onConnected(groups.flatMap((members) => members.filter((each) => isConnected(each, members))).length);
      const unmet = groups.map((members) => unmetCondition(members, baselines));
      const waitingFor = unmet.find((condition) => condition !== undefined);
      if (waitingFor === undefined) return;
      if (clock.now() >= until) throw notReady(waitingFor, limitMs);
      await sleep(POLL_MS, clock);
    }
  } finally {
    for (const { client } of clients) client.close();
  }
}

/** HTTP address of a validator's JSON-RPC. */
export function rpcUrl({ rpc }: { readonly rpc: number }): string {
  return `http://127.0.0.1:${rpc}`;
}

async function observe({
  validator,
  client,
}: {
  validator: PlacedValidator;
  client: RpcClient;
}): Promise<Observed> {
  const status = await client.call("sheaf_status", []).catch(() => undefined);
  return { validator, status };
}

function isConnected({ status }: Observed, members: readonly Observed[]): boolean {
  return status !== undefined && status.peers >= members.length - 1;
}

interface Unmet {
  readonly text: string;
  readonly validator: PlacedValidator;
}

/** What the chain still lacks. `baselines` holds the height above which each chain must come: by default, that at which it was first complete. */
function unmetCondition(members: readonly Observed[], baselines: Map<string, number>): Unmet | undefined {
  const chain = members[0]?.validator.chain ?? "";
  for (const { validator, status } of members) {
    const who = `validator ${validator.index} of ${chain}`;
    if (status === undefined) return { text: `${who} does not answer at ${rpcUrl(validator)}`, validator };
    const others = members.length - 1;
    if (status.peers < others)
      return { text: `${who} is connected to ${status.peers} of ${others} others`, validator };
  }
  const statuses = members.flatMap(({ status }) => (status === undefined ? [] : [status]));
  const heights = statuses.map(({ height }) => height);
  const highest = Math.max(...heights);
  const last = members[heights.indexOf(Math.min(...heights))]?.validator as PlacedValidator;
  const baseline = baselines.get(chain) ?? highest;
  baselines.set(chain, baseline);
  if (new Set(statuses.map(({ hash }) => hash)).size > 1) {
    return { text: `the validators of ${chain} stand at heights ${heights.join(", ")}`, validator: last };
  }
  return highest > baseline
    ? undefined
    : { text: `${chain} has made no block since height ${baseline}`, validator: last };
}

function notReady({ text, validator }: Unmet, limitMs: Millis): CodedError<LauncherErrorDetail> {
  const log = layout.log(validator.dir);
  return new CodedError(
    `the network was not ready in ${limitMs / 1_000} s: ${text} (its log: ${lastProblem(readLogTail(log)) ?? "no error"})`,
    { code: "NETWORK_NOT_READY", waitingFor: text, limitMs },
    { advice: `read its log, ${log}` },
  );
}
