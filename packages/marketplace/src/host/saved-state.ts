import { createHash } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { CodedError, errorCode } from "@sheaf/base";

/** A file of the saved state does not hold what was written to it. */
export interface StateErrorDetail {
  readonly code: "STATE_CORRUPT";
  readonly file: string;
}

/** What an agent keeps over restarts: values by key, one file each. */
export interface SavedState {
  /** All but those whose key begins with `bulk/`. */
  loadAll(): Promise<ReadonlyMap<string, Uint8Array>>;
  load(key: string): Promise<Uint8Array | undefined>;
  /** Settles when the value is on the disk; a process that is killed meanwhile leaves the old one. `undefined` deletes. */
  save(key: string, value: Uint8Array | undefined): Promise<void>;
}

const BULK = "bulk/";
const DIGEST_BYTES = 32;

/** Keeps values below `folder`. Raises `STATE_CORRUPT`, and the codes of the file system (`ENOSPC`). */
export async function openSavedState(folder: string): Promise<SavedState> {
  const folders = { small: join(folder, "state"), bulk: join(folder, "bulk") };
  for (const each of Object.values(folders)) {
    await mkdir(each, { recursive: true });
    for (const name of await readdir(each)) if (name.startsWith("new-")) await rm(join(each, name));
  }
  const folderOf = (key: string): string => (key.startsWith(BULK) ? folders.bulk : folders.small);
  return {
    async loadAll() {
      const values = new Map<string, Uint8Array>();
      for (const name of await readdir(folders.small)) {
        const value = await readValue(join(folders.small, name));
        if (value !== undefined) values.set(decodeURIComponent(name.slice("key-".length)), value);
      }
      return values;
    },
    load: (key) => readValue(join(folderOf(key), fileName(key))),
    async save(key, value) {
      const path = join(folderOf(key), fileName(key));
      if (value === undefined) await rm(path, { force: true });
      else await replaceFile(folderOf(key), fileName(key), value);
      await syncFolder(folderOf(key));
    },
  };
}

const fileName = (key: string): string => `key-${encodeURIComponent(key)}`;
const digestOf = (value: Uint8Array): Buffer => createHash("sha256").update(value).digest();

/** A digest before the value tells a whole file from a damaged one. */
async function replaceFile(folder: string, name: string, value: Uint8Array): Promise<void> {
  const fresh = join(folder, `new-${name}`);
  const file = await open(fresh, "w", 0o600);
  try {
    await file.writev([digestOf(value), value]);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, join(folder, name));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readValue(path: string): Promise<Uint8Array | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  const value = bytes.subarray(DIGEST_BYTES);
  if (bytes.length >= DIGEST_BYTES && digestOf(value).equals(bytes.subarray(0, DIGEST_BYTES)))
    return new Uint8Array(value);
  const detail: StateErrorDetail = { code: "STATE_CORRUPT", file: path };
  throw new CodedError(`${path}: is damaged`, detail, {
    advice: "restore the folder from a copy, or begin with an empty one",
  });
}
