import { constants } from "node:fs";
import { access, mkdir, open, readdir, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { errorCode, errorMessage, invalidInput } from "@sheaf/base";

/** A run's folder, held against other runs until it is written. */
export interface FolderClaim {
  readonly dir: string;
  /** The run is written. */
  release(): Promise<void>;
  /** There is nothing to write: a folder that was made for the run goes again. */
  abandon(): Promise<void>;
}

const MARK = ".run-in-progress";

/**
 * Makes the run's folder before anything is measured, so that a bad path costs no run. Raises
 * `INVALID_INPUT` when it cannot be written, holds something, or another run has claimed it.
 */
export async function claimFolder(path: string): Promise<FolderClaim> {
  const at = `--out ${path}`;
  if (path.trim() === "") throw invalidInput("--out", "is empty", "name a folder for the run");
  const dir = resolve(path);
  const mark = join(dir, MARK);
  const isNew = await makeFolder(dir).catch((error: unknown) => {
    throw unwritable(at, error);
  });
  const entries = await readable(at, dir);
  if (entries.length > 0) {
    throw invalidInput(at, "the folder is not empty", "name a new folder for the run");
  }
  // Of two runs that saw it empty, one gets the mark.
  const handle = await open(mark, "wx").catch((error: unknown) => {
    if (errorCode(error) !== "EEXIST") throw unwritable(at, error);
    throw invalidInput(at, "another run writes there", "name a new folder for the run");
  });
  await handle.close();
  const release = (): Promise<void> => rm(mark, { force: true });
  return {
    dir,
    release,
    async abandon() {
      await release();
      if (isNew) await rmdir(dir).catch(() => {});
    },
  };
}

async function readable(at: string, dir: string): Promise<readonly string[]> {
  try {
    await access(dir, constants.W_OK);
    return await readdir(dir);
  } catch (error) {
    throw unwritable(at, error);
  }
}

function unwritable(at: string, error: unknown): Error {
  const reason = errorCode(error) ?? errorMessage(error);
  return invalidInput(at, `cannot be written (${reason})`, "choose a folder that you may write to");
}

/** Makes `dir` and its parents; gives whether it is new. Unlike `mkdir`'s own recursion it also ends below /proc. */
async function makeFolder(dir: string): Promise<boolean> {
  try {
    await mkdir(dir);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    if (errorCode(error) !== "ENOENT" || !(await makeFolder(dirname(dir)))) throw error;
    await mkdir(dir);
    return true;
  }
}
