import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { errorMessage, invalidInput, parseHex } from "@sheaf/base";
import {
  type Address,
  type Genesis,
  type NodeConfig,
  parseGenesis,
  parseNodeConfig,
  privateKeyToAddress,
  secp256k1,
} from "@sheaf/protocol";
import type { TlsCredentials } from "./p2p/identity.ts";

/** All that a validator reads before it starts. */
export interface NodeFiles {
  readonly config: NodeConfig;
  readonly genesis: Genesis;
  readonly address: Address;
  readonly privateKey: Uint8Array;
  readonly credentials: TlsCredentials;
  /** Absolute. */
  readonly dataDir: string;
}

/** Reads a configuration and what it names. Raises `INVALID_INPUT` with the file and the field. */
export function readNodeFiles(configFile: string): NodeFiles {
  const config = parseNodeConfig(readJson(configFile), configFile);
  const at = (path: string): string => resolve(dirname(configFile), path);
  const genesis = parseGenesis(readJson(at(config.genesis)), at(config.genesis));
  const privateKey = readPrivateKey(at(config.keyFile));
  const address = privateKeyToAddress(privateKey);
  if (!genesis.validators.some((each) => each.address === address)) {
    throw invalidInput(at(config.keyFile), `its account ${address} is no validator of ${genesis.name}`);
  }
  const missing = genesis.validators.find(
    (each) => each.address > address && !(each.address in config.p2p.peers),
  );
  if (missing !== undefined) {
    throw invalidInput(`${configFile}: p2p.peers`, `does not say where ${missing.address} listens`);
  }
  return {
    config,
    genesis,
    address,
    privateKey,
    credentials: {
      certificate: readText(at(config.tls.certificateFile)),
      key: readText(at(config.tls.keyFile)),
    },
    dataDir: at(config.dataDir),
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw invalidInput(path, errorMessage(error));
  }
}

function readJson(path: string): unknown {
  const text = readText(path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidInput(path, `is not JSON: ${errorMessage(error)}`);
  }
}

function readPrivateKey(path: string): Uint8Array {
  const key = parseHex(readText(path).trim());
  if (key === undefined || !secp256k1.isPrivateKey(key)) {
    throw invalidInput(path, "is not a private key", "it holds 0x and 64 hex digits");
  }
  return key;
}
