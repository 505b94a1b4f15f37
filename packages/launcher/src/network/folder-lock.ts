import { readFile, rm, writeFile } from "node:fs/promises";
import { errorCode, invalidInput } from "@sheaf/base";
import { identifyProcess, isProcessAlive, type ProcessIdentity } from "../process/process-identity.ts";

/**
 * Runs `work` while no other process does so for the same `file`. The lock of a process that died
 * is taken over. Raises `INVALID_INPUT` when another process holds it.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await acquire(file);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function acquire(file: string): Promise<void> {
  const own = JSON.stringify(identifyProcess(process.pid));
  for (let attempt = 0; ; attempt++) {
    try {
      return await writeFile(file, own, { flag: "wx" });
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
      const holder = await readHolder(file);
      if (attempt > 0 || (holder !== undefined && isProcessAlive(holder))) {
        const problem = `process ${holder?.pid ?? "unknown"} is working on this network`;
        throw invalidInput(file, problem, "wait until it has finished");
      }
      await rm(file, { force: true });
    }
  }
}

async function readHolder(file: string): Promise<ProcessIdentity | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as ProcessIdentity;
  } catch {
    return undefined;
  }
}
