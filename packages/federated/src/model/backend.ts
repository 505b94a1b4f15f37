import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { CodedError } from "@sheaf/base";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
// These register the gradients of all operations, and the kernels of the cpu backend.
import "@tensorflow/tfjs-layers";
import { version_cpu } from "@tensorflow/tfjs-backend-cpu";
import type { TrainingErrorDetail } from "../data/errors.ts";
import { registerWasmKernels } from "./wasm-kernels.ts";

export type BackendName = "tensorflow" | "wasm" | "cpu";

export interface Backend {
  readonly name: BackendName;
  /** Of TensorFlow.js. */
  readonly version: string;
}

const FASTEST_FIRST: readonly BackendName[] = ["tensorflow", "wasm", "cpu"];

const require = createRequire(import.meta.url);

let current: Backend | undefined;
let starting: Promise<unknown> = Promise.resolve();

/**
 * Starts the fastest backend that works here, from `prefer` downwards: `tensorflow` (when `@tensorflow/tfjs-node`
 * is installed), `wasm` (SIMD, one thread), `cpu`. Once started it stays, unless another is preferred. TensorFlow.js
 * keeps it for the whole process. `NO_BACKEND` when none starts.
 */
export function initBackend(prefer?: BackendName): Promise<Backend> {
  const started = starting.then(() => select(prefer));
  starting = started.catch(() => undefined);
  return started;
}

async function select(prefer: BackendName | undefined): Promise<Backend> {
  if (current !== undefined && (prefer === undefined || prefer === current.name)) return current;
  // Otherwise TensorFlow.js writes advertisements and warnings to the console.
  tf.enableProdMode();
  const candidates = FASTEST_FIRST.slice(prefer === undefined ? 0 : FASTEST_FIRST.indexOf(prefer));
  for (const name of candidates) {
    if (!(await start(name))) continue;
    current = { name, version: name === "cpu" ? version_cpu : tf.version_core };
    return current;
  }
  const detail: TrainingErrorDetail = { code: "NO_BACKEND", tried: candidates };
  throw new CodedError(`no backend of TensorFlow.js starts (tried ${candidates.join(", ")})`, detail);
}

async function start(name: BackendName): Promise<boolean> {
  if (name === "tensorflow") return (await importNative()) && setBackend(name);
  if (name === "cpu") return setBackend(name);
  setThreadsCount(1);
  setWasmPaths(
    join(dirname(require.resolve("@tensorflow/tfjs-backend-wasm/package.json")), "wasm-out") + sep,
  );
  if (!(await withoutNewProcessListeners(() => setBackend(name)))) return false;
  registerWasmKernels();
  return true;
}

async function setBackend(name: BackendName): Promise<boolean> {
  try {
    return await tf.setBackend(name);
  } catch {
    return false;
  }
}

/** Whether `@tensorflow/tfjs-node` is there; importing it registers its backend. */
async function importNative(): Promise<boolean> {
  const name = "@tensorflow/tfjs-node";
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
  try {
    require.resolve(name);
    await import(name);
    return true;
  } catch {
    return false;
  }
}

/** The wasm module's loader catches the process's uncaught errors for itself; that is undone. */
async function withoutNewProcessListeners<T>(work: () => Promise<T>): Promise<T> {
  const events = ["uncaughtException", "unhandledRejection"];
  const before = events.map((event) => process.rawListeners(event));
  try {
    return await work();
  } finally {
    events.forEach((event, index) => {
      for (const listener of process.rawListeners(event)) {
        if (!before[index]?.includes(listener)) process.removeListener(event, listener as () => void);
      }
    });
  }
}
