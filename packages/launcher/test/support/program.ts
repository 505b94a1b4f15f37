import { existsSync, mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The real validator, built. */
const real = fileURLToPath(new URL("../../../node/dist/main.js", import.meta.url));
const standIn = fileURLToPath(new URL("./stand-in.mjs", import.meta.url));
export const PROGRAM = existsSync(real) ? real : standIn;

/** A folder that goes when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sheaf-launcher-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
