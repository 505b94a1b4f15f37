import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, invalidInput } from "@sheaf/base";
import { genesisSchema } from "@sheaf/protocol";
import { z } from "zod";
import type { ProcessIdentity } from "../process/process-identity.ts";

// A network's folder:
//   network.json owner.json            the manifest; the process whose network it is while it runs
//   <chain>/genesis.json deployer.key
//   <chain>/validator-<i>/             config.json validator.key tls.pem tls.key
//     data/ log.jsonl                  what the validator stores and logs
//     stdout.txt process.json          its ready line; its process, so that it can be ended later

/** Paths of a network's parts, all below its folder. */
export const layout = {
  manifest: (dir: string) => join(dir, "network.json"),
  owner: (dir: string) => join(dir, "owner.json"),
  chain: (dir: string, chain: string) => join(dir, chain),
  genesis: (chainDir: string) => join(chainDir, "genesis.json"),
  deployerKey: (chainDir: string) => join(chainDir, "deployer.key"),
  validator: (chainDir: string, index: number) => join(chainDir, `validator-${index}`),
  key: (validatorDir: string) => join(validatorDir, "validator.key"),
  config: (validatorDir: string) => join(validatorDir, "config.json"),
  log: (validatorDir: string) => join(validatorDir, "log.jsonl"),
  stdout: (validatorDir: string) => join(validatorDir, "stdout.txt"),
  process: (validatorDir: string) => join(validatorDir, "process.json"),
} as const;

const manifestSchema = z.strictObject({
  schema: z.literal("sheaf.network-state/1"),
  /** Description of the topology. */
  description: z.string(),
  createdAtMs: z.number(),
  chains: z.array(
    z.strictObject({
      name: genesisSchema.shape.name,
      chainId: z.number(),
      validators: z.number(),
    }),
  ),
});

/** What a network's folder says about itself; the processes and ports stand with each validator. */
export type NetworkManifest = z.infer<typeof manifestSchema>;

export async function writeManifest(dir: string, manifest: NetworkManifest): Promise<void> {
  await writeJson(layout.manifest(dir), manifest);
}

/** The manifest in `dir`; `undefined` when no network was made there. Raises `INVALID_INPUT` for a broken one. */
export async function readManifest(dir: string): Promise<NetworkManifest | undefined> {
  const file = layout.manifest(dir);
  const value = await readJson(file);
  if (value === undefined) return undefined;
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalidInput(file, "is not a network's manifest", "remove the folder and start the network again");
}

/** The process that was last started for a validator, running or not. */
export async function readProcess(validatorDir: string): Promise<ProcessIdentity | undefined> {
  return readIdentity(layout.process(validatorDir));
}

/** The process that a file names; `undefined` when there is no such file, or no process in it. */
export async function readIdentity(file: string): Promise<ProcessIdentity | undefined> {
  const value = await readJson(file);
  const parsed = z.strictObject({ pid: z.number(), startedAt: z.string() }).safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** Writes a secret that only the owner may read. */
export async function writeSecret(file: string, text: string): Promise<void> {
  await writeFile(file, text, { mode: 0o600 });
}

/** The JSON in a file; `undefined` when there is no such file. Raises `INVALID_INPUT` when it is not JSON. */
export async function readJson(file: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch {
    throw invalidInput(file, "is not JSON", "remove the folder and start the network again");
  }
}
