import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesToHex, errorCode, errorMessage, invalidInput } from "@sheaf/base";
import { startBroker } from "@sheaf/bus";
import {
  connectMarket,
  deliveredWeights,
  deployMarket,
  issueLicences,
  type LicenceRole,
  loadDataset,
  parseJobSpec,
  readAddresses,
  revokeLicences,
} from "@sheaf/marketplace";
import { privateKeyToAddress } from "@sheaf/protocol";
import { whole } from "../flag-rules.ts";
import { listenForInterrupt } from "../terminal/interrupt.ts";
import { saveModel } from "../train/save-model.ts";
import { addressOf, readJson, readKey, readText, rpcOf } from "./market-input.ts";

type Write = (line: string) => void;

/** `bench market key FILE`: makes an account whose key only its owner may read. */
export async function keyCommand(file: string, write: Write): Promise<void> {
  const key = randomBytes(32);
  try {
    await writeFile(file, `${bytesToHex(key)}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const isThere = errorCode(error) === "EEXIST";
    throw invalidInput(file, isThere ? "is there already" : errorMessage(error), "name a new file");
  }
  write(privateKeyToAddress(key));
}

/** `bench market deploy`: the three contracts, with the key's account as the authority. */
export async function deployCommand(
  flags: { readonly rpc: string; readonly key: string },
  write: Write,
): Promise<void> {
  const { addresses, chainId, fromBlock } = await deployMarket({
    rpcUrl: rpcOf(flags.rpc),
    authorityKey: await readKey(flags.key),
  });
  write(JSON.stringify({ ...addresses, chainId: Number(chainId), fromBlock }));
}

export interface LicenceFlags {
  readonly rpc: string;
  readonly market: string;
  readonly key: string;
}

/** `bench market license|revoke ROLE ADDRESS...` */
export async function licenceCommand(
  action: "license" | "revoke",
  role: string,
  subjects: readonly string[],
  flags: LicenceFlags,
  write: Write,
): Promise<void> {
  if (role !== "owner" && role !== "analyst" && role !== "consumer") {
    throw invalidInput(`bench market ${action}`, `"${role}" is no role`, "choose owner, analyst or consumer");
  }
  const { addresses } = await readAddresses({
    rpcUrl: rpcOf(flags.rpc),
    market: addressOf(flags.market, "--market"),
  });
  const grants = subjects.map((subject) => ({
    subject: addressOf(subject, "address"),
    role: role as LicenceRole,
  }));
  const options = {
    rpcUrl: rpcOf(flags.rpc),
    authorityKey: await readKey(flags.key),
    licences: addresses.licences,
  };
  await (action === "license" ? issueLicences : revokeLicences)(options, grants).catch((error: unknown) => {
    const refusal = REFUSALS[errorCode(error) ?? ""];
    if (refusal === undefined) throw error;
    throw invalidInput(`bench market ${action}`, ...refusal);
  });
  write(`${action === "license" ? "licensed" : "revoked"}: ${grants.length} as ${role}`);
}

/** What the licences contract refuses, in words. */
const REFUSALS: Readonly<Record<string, readonly [problem: string, advice: string]>> = {
  ALREADY_LICENSED: ["one of the accounts holds that licence already", "leave it out"],
  NOT_LICENSED: ["one of the accounts holds no such licence", "leave it out"],
  NOT_AUTHORITY: ["the key is not the market's authority's", "give the key that deployed the market"],
  INSUFFICIENT_FUNDS: ["the key's account cannot pay for it", "give it coins first"],
};

/** `bench market trades`: every trade, a JSON row a line. */
export async function tradesCommand(flags: Omit<LicenceFlags, "key">, write: Write): Promise<void> {
  const { addresses } = await readAddresses({
    rpcUrl: rpcOf(flags.rpc),
    market: addressOf(flags.market, "--market"),
  });
  // Reading needs no account of its own.
  const client = await connectMarket({
    rpcUrl: rpcOf(flags.rpc),
    key: bytesToHex(randomBytes(32)),
    addresses,
  });
  try {
    for (const trade of await client.read.trades()) {
      write(
        JSON.stringify(trade, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value)),
      );
    }
  } finally {
    client.close();
  }
}

export interface ModelFlags {
  readonly state: string;
  readonly job: string;
  readonly out: string;
}

/** `bench market model`: what a consumer was delivered, for other programs to use. */
export async function modelCommand({ state, job, out }: ModelFlags, write: Write): Promise<void> {
  const number = BigInt(whole(job, "--job"));
  const specFile = join(state, "job.json");
  const spec = parseJobSpec(await readJson(specFile, "--state"), specFile);
  const weights = await deliveredWeights(state, number);
  if (weights === undefined)
    throw invalidInput(
      `--job ${job}`,
      "has delivered no model to this consumer",
      "wait for it, or name another job",
    );
  await saveModel(spec, weights, out);
  write(join(out, "model.json"));
}

/** `bench market encoding FILE`: how the file's columns become numbers, for the other owners of the study. */
export async function encodingCommand(
  file: string,
  flags: { readonly label: string; readonly task?: string },
  write: Write,
): Promise<void> {
  const { label, task } = flags;
  if (task !== undefined && task !== "classification" && task !== "regression") {
    throw invalidInput("--task", `"${task}" is not known`, "choose classification or regression");
  }
  const { encoding } = await loadDataset({ file, label, task });
  if (encoding === undefined) throw invalidInput(file, "is encoded already", "name a CSV or Parquet file");
  write(JSON.stringify(encoding));
}

export interface BrokerFlags {
  readonly port: string;
  readonly host?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly cert?: string;
  readonly certKey?: string;
  readonly ca?: string;
}

/** `bench market broker`: the embedded broker, for agents on other machines, until it is ended. */
export async function brokerCommand(flags: BrokerFlags, write: Write): Promise<void> {
  const port = Number(flags.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw invalidInput("--port", `"${flags.port}" is no port`, "give a number from 0 to 65535");
  const { cert, certKey, ca, user, passwordFile } = flags;
  if ((cert === undefined) !== (certKey === undefined))
    throw invalidInput("--cert and --cert-key", "belong together", "give both or none");
  if ((user === undefined) !== (passwordFile === undefined))
    throw invalidInput("--user and --password-file", "belong together", "give both or none");
  if (ca !== undefined && cert === undefined)
    throw invalidInput("--ca", "asks clients for certificates over TLS", "give --cert and --cert-key, too");
  const password = passwordFile === undefined ? "" : (await readText(passwordFile, "--password-file")).trim();
  if (passwordFile !== undefined && password === "")
    throw invalidInput(`--password-file ${passwordFile}`, "is empty", "write a password into it");
  const interrupt = listenForInterrupt(() => {});
  const broker = await startBroker({
    port,
    ...(flags.host === undefined ? {} : { host: flags.host }),
    ...(user === undefined ? {} : { users: [{ name: user, password }] }),
    ...(cert === undefined || certKey === undefined
      ? {}
      : {
          tls: {
            cert: await readText(cert, "--cert"),
            key: await readText(certKey, "--cert-key"),
            ...(ca === undefined ? {} : { ca: await readText(ca, "--ca") }),
          },
        }),
  }).catch((error: unknown) => {
    interrupt.release();
    throw error;
  });
  write(broker.url);
  try {
    await new Promise<void>((end) => {
      if (interrupt.signal.aborted) end();
      interrupt.signal.addEventListener("abort", () => end());
    });
  } finally {
    await broker.stop();
    interrupt.release();
  }
}
