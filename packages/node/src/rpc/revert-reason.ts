import { asBuffer, bytesToBigint } from "@sheaf/base";

const ERROR_SELECTOR = "08c379a0";
const PANIC_SELECTOR = "4e487b71";

/** What Solidity's panic codes mean. */
const PANICS: Readonly<Record<string, string>> = {
  "0": "generic panic",
  "1": "assert(false)",
  "17": "arithmetic underflow or overflow",
  "18": "division or modulo by zero",
  "33": "enum overflow",
  "34": "invalid encoded storage byte array accessed",
  "49": "out-of-bounds array access; popping on an empty array",
  "50": "out-of-bounds access of an array or bytesN",
  "65": "out of memory",
  "81": "uninitialized function",
};

/** The text in revert data of `Error(string)` or `Panic(uint256)`; `undefined` when it is neither [RPC.5]. */
export function revertReason(data: Uint8Array): string | undefined {
  const selector = asBuffer(data.subarray(0, 4)).toString("hex");
  const body = data.subarray(4);
  if (selector === PANIC_SELECTOR && body.length === 32) {
    const code = bytesToBigint(body);
    return PANICS[String(code)] ?? `unknown panic code: 0x${code.toString(16)}`;
  }
  if (selector !== ERROR_SELECTOR || body.length < 64) return undefined;
  const offset = bytesToBigint(body.subarray(0, 32));
  const length = bytesToBigint(body.subarray(32, 64));
  if (offset !== 32n || length > BigInt(body.length - 64)) return undefined;
  return asBuffer(body.subarray(64, 64 + Number(length))).toString("utf8");
}
