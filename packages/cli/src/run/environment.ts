import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { arch, cpus, platform, release, totalmem } from "node:os";
import type { EnvironmentRecord } from "@sheaf/measure";
import { recoverAddress, secp256k1 } from "@sheaf/protocol";
import { layout } from "../layout.ts";

const require = createRequire(import.meta.url);

/** Libraries in the measured path, recorded with their versions. */
const RECORDED = ["@ethereumjs/evm", "lmdb", "secp256k1", "hash-wasm", "ws"] as const;

/** What only the caller knows of an environment. */
export type RunSurroundings = Pick<
  EnvironmentRecord,
  "driver" | "entryPoints" | "observationPoints" | "dataStore"
>;

/** The environment record of a run on this machine. Takes about half a second, to time signature recovery. */
export function recordEnvironment(surroundings: RunSurroundings): EnvironmentRecord {
  const processors = cpus();
  return {
    hardware: {
      cpuModel: processors[0]?.model.trim() || "unknown",
      cores: Math.max(1, processors.length),
      memoryMb: Math.round(totalmem() / 1e6),
      platform: `${platform()} ${release()}`,
      architecture: arch(),
    },
    software: {
      sheaf: `${manifestVersion("../../package.json")}${commitOfTree()}`,
      node: process.version,
      "signature engine": secp256k1.name,
      ...Object.fromEntries(RECORDED.map((name) => [name, libraryVersion(name)])),
    },
    ...surroundings,
    signatureRecoveriesPerSecond: Math.round(timeRecoveries()),
  };
}

/** Sender recoveries a second on one core, measured now: the signature bound is derived from it [EFFICIENCY.1]. */
export function timeRecoveries(budgetMs = 400): number {
  const digest = randomBytes(32);
  const signature = secp256k1.sign(digest, randomBytes(32));
  const once = (count: number): number => {
    const begun = performance.now();
    for (let i = 0; i < count; i++) recoverAddress(digest, signature);
    return performance.now() - begun;
  };
  once(50);
  let best = Number.POSITIVE_INFINITY;
  const until = performance.now() + budgetMs;
  while (performance.now() < until) best = Math.min(best, once(100) / 100);
  return 1000 / best;
}

/** The commit of the source tree, and whether it was changed since; empty outside a git checkout. */
function commitOfTree(): string {
  const git = (...words: string[]): string | undefined => {
    const { status, stdout } = spawnSync("git", ["-C", layout.root, ...words], {
      encoding: "utf8",
      timeout: 5_000,
    });
    return status === 0 ? stdout.trim() : undefined;
  };
  const commit = git("rev-parse", "--short=12", "HEAD");
  if (commit === undefined) return "";
  return ` (commit ${commit}${git("status", "--porcelain") === "" ? "" : ", changed"})`;
}

function manifestVersion(specifier: string): string {
  return (require(specifier) as { readonly version: string }).version;
}

/** The version of an installed library, wherever npm put it; "unknown" when it hides its manifest. */
function libraryVersion(name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return manifestVersion(`${folder}/${name}/package.json`);
    } catch {
      // not in this folder
    }
  }
  return "unknown";
}
