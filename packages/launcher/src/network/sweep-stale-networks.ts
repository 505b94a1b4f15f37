import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "@sheaf/base";
import { isProcessAlive } from "../process/process-identity.ts";
import { layout, readIdentity } from "./layout.ts";

/** How deep below a run's folder its networks and their validators stand. */
const LEVELS = 4;

/**
 * Removes what runs left that were killed: the folders directly below `root` that hold a network of
 * `createNetwork` that was never stopped, all of whose owners and validators are gone. Folders of
 * networks that were stopped are kept, for their logs. Ends no process. Returns the paths removed;
 * none when there is no `root`.
 */
export async function sweepStaleNetworks(root: string): Promise<readonly string[]> {
  const removed: string[] = [];
  for (const name of await foldersIn(root)) {
    const folder = join(root, name);
    if (!(await isStale(folder))) continue;
    await rm(folder, { recursive: true, force: true });
    removed.push(folder);
  }
  return removed;
}

async function isStale(folder: string): Promise<boolean> {
  let abandoned = false;
  for await (const dir of foldersBelow(folder, LEVELS)) {
    const owner = await identityIn(layout.owner(dir));
    const validator = await identityIn(layout.process(dir));
    if ([owner, validator].some((each) => each !== undefined && isProcessAlive(each))) return false;
    abandoned ||= owner !== undefined;
  }
  return abandoned;
}

/** A file cut short by a full disk or a kill names nobody that could still be alive. */
function identityIn(file: string): ReturnType<typeof readIdentity> {
  return readIdentity(file).catch(() => undefined);
}

async function* foldersBelow(folder: string, levels: number): AsyncGenerator<string> {
  yield folder;
  if (levels === 0) return;
  for (const name of await foldersIn(folder)) yield* foldersBelow(join(folder, name), levels - 1);
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(errorCode(error) ?? "")) return [];
    throw error;
  }
}
