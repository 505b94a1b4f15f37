import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { bytesToHex, type Hex } from "@sheaf/base";
import type { NodeReady, SheafMethods } from "@sheaf/protocol";
import type { TestNetwork } from "./make-network.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/** One validator as a process of its own. */
export interface ValidatorProcess {
  readonly index: number;
  readonly pid: number;
  readonly ready: NodeReady;
  readonly log: readonly {
    readonly level: number;
    readonly msg: string;
    readonly code?: string;
    readonly number?: number;
    readonly hash?: string;
  }[];
  readonly child: ChildProcess;
  /** Resolves to the exit code, or `null` when a signal ended it. */
  readonly exited: Promise<number | null>;
  call<T = unknown>(method: string, ...params: unknown[]): Promise<T>;
  status(): Promise<SheafMethods["sheaf_status"]["result"]>;
  send(raw: readonly Uint8Array[]): Promise<void>;
  /** Ends it by `signal` and waits. */
  end(signal: "SIGKILL" | "SIGTERM"): Promise<number | null>;
}

/** A process that has not said it is ready: its exit code and its log. */
export interface FailedProcess {
  readonly code: number | null;
  readonly log: ValidatorProcess["log"];
}

export interface StartOptions {
  readonly configFile?: string;
  readonly nodeArguments?: readonly string[];
  /** The longest file that the process can write: a disk that is full. */
  readonly maxFileKiB?: number;
}

export async function startProcess(
  test: TestNetwork,
  index: number,
  options: StartOptions = {},
): Promise<ValidatorProcess | FailedProcess> {
  const { configFile = test.validators[index]?.configFile ?? "", nodeArguments = [], maxFileKiB } = options;
  const limit = maxFileKiB === undefined ? "unlimited" : String(maxFileKiB);
  const command = [process.execPath, ...nodeArguments, MAIN, configFile];
  const child = spawn("bash", ["-c", `ulimit -f ${limit} && exec "$@"`, "bash", ...command], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const log: { level: number; msg: string }[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    // Native code has its own lines.
    if (line.startsWith("{")) log.push(JSON.parse(line));
  });
  const exited = once(child, "close").then(([code]) => code as number | null);
  const first = await Promise.race([once(createInterface({ input: child.stdout }), "line"), exited]);
  if (!Array.isArray(first)) return { code: first, log };
  const ready = JSON.parse(first[0] as string) as NodeReady;
  const url = `http://127.0.0.1:${ready.rpcPort}`;

  async function post(body: unknown): Promise<unknown> {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return response.json();
  }

  async function call<T>(method: string, ...params: unknown[]): Promise<T> {
    const answer = (await post({ jsonrpc: "2.0", id: 1, method, params })) as { result?: T; error?: unknown };
    if (answer.error !== undefined) throw new Error(JSON.stringify(answer.error));
    return answer.result as T;
  }

  return {
    index,
    pid: ready.pid,
    ready,
    log,
    child,
    exited,
    call,
    status: () => call("sheaf_status"),
    async send(raw) {
      const batch = raw.map((bytes, id) => ({
        jsonrpc: "2.0",
        id,
        method: "eth_sendRawTransaction",
        params: [bytesToHex(bytes)],
      }));
      await post(batch);
    },
    end(signal) {
      child.kill(signal);
      return exited;
    },
  };
}

/** Starts a validator that must come up. */
export async function startReady(
  test: TestNetwork,
  index: number,
  nodeArguments: readonly string[] = [],
): Promise<ValidatorProcess> {
  const started = await startProcess(test, index, { nodeArguments });
  if ("code" in started) throw new Error(`validator ${index} ended: ${JSON.stringify(started)}`);
  return started;
}

export const heightOf = async (validator: ValidatorProcess): Promise<number> =>
  Number(await validator.call<Hex>("eth_blockNumber"));

/** Waits until `condition` gives true; fails after `limitMs`. */
export async function eventually(
  what: string,
  condition: () => Promise<boolean>,
  limitMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    if (await condition().catch(() => false)) return;
    if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
