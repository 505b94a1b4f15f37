import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { parseTopology, type Topology } from "../../src/index.ts";

/** The validator program, built by `tsc -b`. */
export const PROGRAM = fileURLToPath(new URL("../../../node/dist/main.js", import.meta.url));

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sheaf-launcher-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** The command lines of the processes that were started with a file below `folder`. */
export function validatorsBelow(folder: string): readonly string[] {
  const lines = execFileSync("ps", ["-ww", "-A", "-o", "args="], { encoding: "utf8" }).split("\n");
  return lines.filter((line) => line.includes(`${PROGRAM} ${folder}/`));
}

/** A network of these chains, with short block periods so that it is ready soon. */
export function fastNetwork(...chains: readonly Readonly<Record<string, unknown>>[]): Topology {
  const entries = chains.map((chain) =>
    "endpoints" in chain
      ? chain
      : { ...chain, protocol: { ...FAST, ...(chain["protocol"] as object | undefined) } },
  );
  return parseTopology(JSON.stringify({ schema: "sheaf.network/1", chains: entries }), "test.yaml");
}

const FAST = { blockPeriodMs: 100, emptyBlockPeriodMs: 300, roundTimeoutMs: 2_000 };
