import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";

// The tool as a user runs it.

const main = join(import.meta.dirname, "../dist/main.js");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard error, or standard output, has shown `text`; fails when the program ends before. */
  shows(text: string | RegExp): Promise<string>;
}

const running = new Set<Started>();

/** Ends what a test that failed has left behind. */
export async function endLeftovers(): Promise<void> {
  for (const { child } of running) child.kill("SIGTERM");
  await Promise.all([...running].map(({ ended }) => ended));
}

/** Starts `bench WORDS` in `cwd`. */
export function startBench(cwd: string, words: readonly string[]): Started {
  const child = spawn(process.execPath, [main, ...words], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  const listeners = new Set<() => void>();
  const heard = (): void => {
    for (const listener of [...listeners]) listener();
  };
  child.stdout.on("data", (chunk: Buffer) => {
    stdout += chunk.toString();
    heard();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString();
    heard();
  });
  const ended = new Promise<Ended>((resolve) =>
    child.on("close", (code) => resolve({ code, stdout, stderr })),
  );
  const started: Started = {
    child,
    ended,
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const all = `${stdout}\n${stderr}`;
          if (typeof text === "string" ? !all.includes(text) : !text.test(all)) return;
          listeners.delete(look);
          resolve(all);
        };
        listeners.add(look);
        look();
        void ended.then(({ code }) =>
          reject(new TypeError(`ended with ${code} before "${text}": ${stderr}`)),
        );
      }),
  };
  running.add(started);
  void ended.then(() => running.delete(started));
  return started;
}

export const bench = (cwd: string, ...words: string[]): Promise<Ended> => startBench(cwd, words).ended;

/** Command lines of processes that run and have `needle` in them. */
export async function processesWith(needle: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line.includes(needle) && Number(pid) !== process.pid) found.push(line.replaceAll("\0", " "));
  }
  return found;
}

/** Processes that `parent` has started and that have `needle` on their command lines. */
export async function childrenOf(
  parent: number,
  needle: string,
): Promise<readonly { readonly pid: number; readonly line: string }[]> {
  const found: { readonly pid: number; readonly line: string }[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    if (!status.includes(`\nPPid:\t${parent}\n`)) continue;
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (line.includes(needle)) found.push({ pid: Number(pid), line: line.replaceAll("\0", " ") });
  }
  return found;
}

/** A LayersModel in files: as many weights as its manifest says, not all zero. */
export async function expectModel(dir: string): Promise<void> {
  const { format, weightsManifest } = JSON.parse(await readFile(join(dir, "model.json"), "utf8")) as {
    readonly format: string;
    readonly weightsManifest: readonly {
      readonly weights: readonly { readonly shape: readonly number[] }[];
    }[];
  };
  expect(format).toBe("layers-model");
  const shapes = weightsManifest.flatMap(({ weights }) => weights.map(({ shape }) => shape));
  const count = shapes.reduce((sum, shape) => sum + shape.reduce((product, side) => product * side, 1), 0);
  const bytes = await readFile(join(dir, "weights.bin"));
  expect(bytes.length).toBe(4 * count);
  expect(bytes.some((byte) => byte !== 0)).toBe(true);
}
