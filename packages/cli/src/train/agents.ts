import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesToHex, CodedError, type Hex, invalidInput, type Millis, systemClock } from "@sheaf/base";
import {
  createSupervisor,
  lastProblem,
  type ProgramExit,
  readLogTail,
  type Supervisor,
  spawnProgram,
} from "@sheaf/launcher";
import type { AgentConfigInput } from "@sheaf/marketplace";
import { type Address, privateKeyToAddress } from "@sheaf/protocol";
import { agentProgram } from "../layout.ts";

/** One agent's process and its folder. */
export interface AgentPlace {
  /** "owner-3"; unique in the run. */
  readonly name: string;
  readonly role: AgentConfigInput["role"];
  readonly address: Address;
  /** Index of its chain. */
  readonly chain: number;
  /** Of that role on that chain, from 0. */
  readonly index: number;
  readonly dir: string;
}

/** Paths below an agent's folder. */
export const agentFiles = {
  config: (dir: string) => join(dir, "agent.json"),
  key: (dir: string) => join(dir, "agent.key"),
  data: (dir: string) => join(dir, "samples.bin"),
  spec: (dir: string) => join(dir, "job.json"),
  state: (dir: string) => join(dir, "state"),
  events: (dir: string) => join(dir, "state", "events.jsonl"),
  audit: (dir: string) => join(dir, "audit"),
  stdout: (dir: string) => join(dir, "stdout.txt"),
  log: (dir: string) => join(dir, "log.jsonl"),
  process: (dir: string) => join(dir, "process.json"),
} as const;

export type AgentErrorDetail = {
  readonly code: "AGENT_FAILED";
  readonly agent: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Last lines of its log. */
  readonly logTail: readonly string[];
};

/** How long an agent may take to end on request. */
export const AGENT_GRACE_MS: Millis = 15_000;
const INPUT_EXIT = 2;

/** Keeps the agents' processes; each ends with this process, however that ends. */
export function createAgentSupervisor(): Supervisor<AgentPlace> {
  return createSupervisor<AgentPlace>({
    keyOf: ({ name }) => name,
    spawn: (agent) =>
      spawnProgram({
        title: agent.name,
        program: agentProgram,
        files: {
          config: agentFiles.config(agent.dir),
          stdout: agentFiles.stdout(agent.dir),
          log: agentFiles.log(agent.dir),
          process: agentFiles.process(agent.dir),
        },
        clock: systemClock,
        failed: (exit) => agentFailed(agent, exit),
      }),
    failed: agentFailed,
    clock: systemClock,
  });
}

function agentFailed({ name, dir }: AgentPlace, { exitCode, signal }: ProgramExit): CodedError {
  const logTail = readLogTail(agentFiles.log(dir));
  const problem = lastProblem(logTail) ?? "no error in its log";
  // What the agent calls bad input is the user's to mend: the data, the broker's address.
  if (exitCode === INPUT_EXIT) return invalidInput(name, problem);
  const how = signal === null ? `exit code ${exitCode ?? "unknown"}` : signal;
  const detail: AgentErrorDetail = { code: "AGENT_FAILED", agent: name, exitCode, signal, logTail };
  return new CodedError(`${name} ended (${how}): ${problem}`, detail, {
    advice: `read its log, ${agentFiles.log(dir)}`,
  });
}

/** The account of a seed. */
export function createAccount(seed: string): { readonly key: Hex; readonly address: Address } {
  const key = createHash("sha256").update(`sheaf agent ${seed}`).digest();
  return { key: bytesToHex(key), address: privateKeyToAddress(key) };
}

/** Makes the agent's folder: its key, its configuration, and what else it is given. */
export async function writeAgent(
  { dir }: AgentPlace,
  config: AgentConfigInput,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  await mkdir(agentFiles.state(dir), { recursive: true, mode: 0o700 });
  if (config.auditDir !== undefined) await mkdir(agentFiles.audit(dir), { recursive: true });
  for (const [path, content] of Object.entries(files)) await writeFile(path, content, { mode: 0o600 });
  await writeFile(agentFiles.config(dir), `${JSON.stringify(config, null, 2)}\n`);
}
