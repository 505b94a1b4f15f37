import { readFile } from "node:fs/promises";
import { bytesToHex, errorCode, errorMessage, type Hex, invalidInput, parseHex } from "@sheaf/base";
import { type Address, secp256k1 } from "@sheaf/protocol";

/** An address that somebody typed. Raises `INVALID_INPUT` naming the option. */
export function addressOf(text: string, option: string): Address {
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return text.toLowerCase() as Address;
  throw invalidInput(option, `"${text}" is no address`, "give 0x and 40 hex digits");
}

/** The endpoint of a chain that somebody typed. Raises `INVALID_INPUT`. */
export function rpcOf(text: string): string {
  const isHttp = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
  if (isHttp) return text;
  throw invalidInput("--rpc", `"${text}" is no endpoint`, "give http://host:port");
}

/** A private key from its file; the key itself is never in a message. */
export async function readKey(file: string): Promise<Hex> {
  const bytes = parseHex((await readText(file, "--key")).trim());
  if (bytes?.length === 32 && secp256k1.isPrivateKey(bytes)) return bytesToHex(bytes);
  throw invalidInput(
    `--key ${file}`,
    "holds no private key",
    "it must be 64 hex digits; bench market key FILE makes one",
  );
}

/** The text of a file that an option names. Raises `INVALID_INPUT`; never quotes the content. */
export async function readText(file: string, option: string): Promise<string> {
  return readFile(file, "utf8").catch((error: unknown) => {
    const reason = errorCode(error) ?? errorMessage(error);
    throw invalidInput(`${option} ${file}`, `cannot be read (${reason})`, "check the path");
  });
}

/** The value in a JSON file that an option names. Raises `INVALID_INPUT`. */
export async function readJson(file: string, option: string): Promise<unknown> {
  const text = await readText(file, option);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalidInput(`${option} ${file}`, `is not JSON (${errorMessage(error)})`, "mend the file");
  }
}
