import { spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { CodedError, invalidInput } from "@sheaf/base";
import {
  type AgentConfigInput,
  agentConfigSchema,
  connectMarket,
  loadDataset,
  type MarketAddresses,
  readAddresses,
} from "@sheaf/marketplace";
import type { Address } from "@sheaf/protocol";
import { agentProgram, layout } from "../layout.ts";
import { EXIT } from "../terminal/exit.ts";
import { toJobSpec, toOrder } from "../train/job-spec.ts";
import { planTraining } from "../train/plan-training.ts";
import { reachBroker } from "../train/reach-broker.ts";
import { loadTraining } from "../train/training-file.ts";
import { addressOf, readJson, readKey, readText, rpcOf } from "./market-input.ts";

/** Flags of `bench agent`, as commander hands them over. */
export interface AgentFlags {
  readonly rpc: string;
  readonly market: string;
  readonly broker: string;
  readonly key: string;
  readonly data?: string;
  readonly label?: string;
  readonly encoding?: string;
  readonly training?: string;
  readonly price?: string;
  readonly privacy?: string;
  readonly owners?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly certKey?: string;
  readonly policy?: string;
  readonly state?: string;
}

type Role = AgentConfigInput["role"];

/** `bench agent ROLE`: runs one agent in the foreground until it is ended, and gives its exit code. */
export async function agentCommand(role: string, flags: AgentFlags): Promise<number> {
  if (role !== "owner" && role !== "analyst" && role !== "consumer") {
    throw invalidInput("bench agent", `"${role}" is no role`, "choose owner, analyst or consumer");
  }
  if (role === "analyst" && flags.privacy !== undefined)
    throw invalidInput("--privacy", "is not the analyst's to choose", "leave it out");
  const market = addressOf(flags.market, "--market");
  const contracts = await admit(role, market, flags);
  const stateDir = resolve(flags.state ?? join(homedir(), ".sheaf", `${role}-${market.slice(2, 10)}`));
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const config = await toConfig(role, flags, contracts, stateDir);
  const parsed = agentConfigSchema.safeParse(config);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw invalidInput(flagOf(issue?.path ?? []), issue?.message ?? "does not fit");
  }
  const file = join(stateDir, "agent.json");
  await writeFile(file, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });
  return runAgent(role, file);
}

/**
 * Finds out, before the agent starts, whether chain, market, licence and broker are as it needs them. Gives the
 * market's contracts. Raises `INVALID_INPUT`, `RPC_UNREACHABLE`.
 */
async function admit(role: Role, market: Address, flags: AgentFlags): Promise<MarketAddresses> {
  const rpcUrl = rpcOf(flags.rpc);
  const key = await readKey(flags.key);
  const credentials = await credentialsOf(flags);
  const { addresses } = await readAddresses({ rpcUrl, market });
  const client = await connectMarket({ rpcUrl, key, addresses });
  client.close();
  if (!client.licences.isLicensed(client.address, role)) {
    throw invalidInput(
      `--key ${flags.key}`,
      `its account ${client.address} is not licensed as ${role} on this market`,
      `ask the authority for: bench market license ${role} ${client.address}`,
    );
  }
  await reachBroker("--broker", flags.broker, credentials);
  return addresses;
}

async function credentialsOf({ user, passwordFile, ca, cert, certKey }: AgentFlags) {
  const text = async <Name extends string>(name: Name, option: string, path: string | undefined) =>
    path === undefined ? {} : ({ [name]: (await readText(path, option)).trim() } as Record<Name, string>);
  return {
    ...(user === undefined ? {} : { user }),
    ...(await text("password", "--password-file", passwordFile)),
    ...(await text("ca", "--ca", ca)),
    ...(await text("cert", "--cert", cert)),
    ...(await text("key", "--cert-key", certKey)),
  };
}

/**
 * The process is a child, so that the same program runs here and in `bench train`; signals are handed on, and it ends
 * with this process, whose hold on its standard input goes then. Raises what the agent says has failed.
 */
async function runAgent(role: Role, file: string): Promise<number> {
  const child = spawn(process.execPath, [agentProgram, file], { stdio: ["pipe", "pipe", "inherit"] });
  const hand = (signal: NodeJS.Signals) => () => void child.kill(signal);
  const handlers = (["SIGINT", "SIGTERM", "SIGHUP"] as const).map(
    (name) => [name, hand(name === "SIGHUP" ? "SIGTERM" : name)] as const,
  );
  for (const [name, handler] of handlers) process.on(name, handler);
  let problem: string | undefined;
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { event, message } = JSON.parse(line) as { readonly event: string; readonly message?: string };
    if (event === "failed") problem = message;
    else process.stdout.write(`${line}\n`);
  });
  const code = await new Promise<number | null>((end) => child.once("close", end));
  for (const [name, handler] of handlers) process.off(name, handler);
  if (problem === undefined) return code ?? EXIT.failure;
  if (code === EXIT.badInput) throw invalidInput(`bench agent ${role}`, problem);
  throw new CodedError(`${role}: ${problem}`, { code: "AGENT_FAILED" }, { advice: "read its log above" });
}

async function toConfig(
  role: Role,
  flags: AgentFlags,
  contracts: MarketAddresses,
  stateDir: string,
): Promise<object> {
  const data = flags.data === undefined ? undefined : dataOf(flags, flags.data);
  if (role === "owner" && data === undefined)
    throw invalidInput("--data", "is missing", "name the owner's samples");
  const policy = await policyOf(role, flags);
  return {
    schema: "sheaf.agent/1",
    role,
    keyFile: resolve(flags.key),
    rpcUrl: flags.rpc,
    contracts,
    exitWithParent: true,
    broker: {
      url: flags.broker,
      ...(flags.user === undefined ? {} : { user: flags.user }),
      ...file("passwordFile", flags.passwordFile),
      ...file("caFile", flags.ca),
      ...file("certFile", flags.cert),
      ...file("keyFile", flags.certKey),
    },
    stateDir,
    ...(data === undefined ? {} : { data }),
    ...(policy === undefined ? {} : { policy }),
    ...(role === "consumer" ? { orders: [await orderOf(flags, data, stateDir)] } : {}),
  };
}

/** An owner's `--privacy` is the one mode that it takes part in. */
async function policyOf(role: Role, { policy: path, privacy }: AgentFlags): Promise<unknown> {
  const policy = path === undefined ? undefined : await readJson(path, "--policy");
  if (privacy === undefined || role !== "owner") return policy;
  return { ...(policy as object | undefined), modes: [privacy] };
}

function dataOf({ label, encoding }: AgentFlags, path: string) {
  return {
    file: resolve(path),
    ...(label === undefined ? {} : { label }),
    ...file("encodingFile", encoding),
  };
}

/** What the consumer asks for: a training file, for the task and the shape of the consumer's own test data. */
async function orderOf(flags: AgentFlags, data: ReturnType<typeof dataOf> | undefined, stateDir: string) {
  if (data === undefined) throw invalidInput("--data", "is missing", "name the consumer's test data");
  const { training, privacy, price, owners } = flags;
  const plan = planTraining(await loadTraining(training ?? "digits", layout.benchmarks), {
    ...(privacy === undefined ? {} : { privacy }),
    ...(price === undefined ? {} : { price }),
    ...(owners === undefined ? {} : { owners }),
  });
  const { dataset } = await loadDataset(data);
  const spec = toJobSpec(plan.training, { test: dataset, owners: plan.training.owners }, plan.seed);
  const specFile = join(stateDir, "job.json");
  await writeFile(specFile, JSON.stringify(spec, null, 2));
  return toOrder(plan.training, plan.training.owners, specFile);
}

function file<Name extends string>(name: Name, path: string | undefined): Partial<Record<Name, string>> {
  return path === undefined ? {} : ({ [name]: resolve(path) } as Record<Name, string>);
}

const FLAGS: Readonly<Record<string, string>> = {
  rpcUrl: "--rpc",
  contracts: "--market",
  broker: "--broker",
  keyFile: "--key",
  data: "--data",
  policy: "--policy",
};

function flagOf(path: readonly PropertyKey[]): string {
  const [first = "", ...rest] = path.map(String);
  return [FLAGS[first] ?? first, ...rest].join(" ");
}
