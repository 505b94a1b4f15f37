/*
 * npx tsc -b packages/protocol && node packages/protocol/bench/crypto.mjs
 *
 * Microseconds per operation of what this package uses and of its alternative, measured in turns in one
 * process, so that their ratio holds on a busy machine too: the median of the rounds is printed.
 */
import { RLP } from "@ethereumjs/rlp";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { createRandom } from "@sheaf/base";
import {
  decodeTransaction,
  keccak256,
  nobleEngine,
  privateKeyToAddress,
  recoverSender,
  secp256k1,
  signTransaction,
} from "@sheaf/protocol";

const ROUNDS = 15;
const ROUND_MS = 60;

const random = createRandom("bench");
const key = random.bytes(32);
const digests = Array.from({ length: 64 }, () => random.bytes(32));
const signatures = digests.map((digest) => secp256k1.sign(digest, key));
const kilobyte = random.bytes(1_024);

const transfer = {
  type: 2,
  chainId: 1_337n,
  nonce: 70_000n,
  gasLimit: 60_000n,
  maxFeePerGas: 1_000_000_000n,
  maxPriorityFeePerGas: 0n,
  to: privateKeyToAddress(random.bytes(32)),
  value: 0n,
  data: random.bytes(68),
  accessList: [],
};
const raw = signTransaction(transfer, key);
const body = raw.subarray(1);
const decoded = decodeTransaction(raw);

const pick = (items, turn) => items[turn % items.length];

/** Name, what is used, what it is compared with. */
const comparisons = [
  ["sign", (i) => secp256k1.sign(pick(digests, i), key), (i) => nobleEngine.sign(pick(digests, i), key)],
  [
    "recover",
    (i) => secp256k1.recover(pick(digests, i), pick(signatures, i)),
    (i) => nobleEngine.recover(pick(digests, i), pick(signatures, i)),
  ],
  ["public key", () => secp256k1.publicKey(key), () => nobleEngine.publicKey(key)],
  ["keccak256, 32 bytes", (i) => keccak256(pick(digests, i)), (i) => keccak_256(pick(digests, i))],
  ["keccak256, 1 KiB", () => keccak256(kilobyte), () => keccak_256(kilobyte)],
];

/** What has no alternative: transactions as they pass through a validator. */
const alone = [
  ["decode an EIP-1559 token transfer", () => decodeTransaction(raw)],
  ["of which RLP, as EthereumJS does it", () => RLP.decode(body)],
  ["recover its sender", () => recoverSender(decoded)],
  ["sign and encode it", () => signTransaction(transfer, key)],
];

function roundOf(operation) {
  let count = 0;
  const start = performance.now();
  while (performance.now() - start < ROUND_MS) {
    for (let i = 0; i < 8; i++) operation(count++);
  }
  return ((performance.now() - start) * 1_000) / count;
}

function medians(operations) {
  const rounds = operations.map(() => []);
  for (const operation of operations) roundOf(operation);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, operation] of operations.entries()) rounds[index].push(roundOf(operation));
  }
  return rounds.map((each) => each.sort((a, b) => a - b)[ROUNDS >> 1]);
}

const columns = (...cells) =>
  console.log(cells.map((cell, i) => (i === 0 ? cell.padEnd(38) : cell.padStart(12))).join(""));

columns(`µs per operation (${process.version})`, secp256k1.name, "JavaScript", "ratio");
for (const [name, used, other] of comparisons) {
  const [a, b] = medians([used, other]);
  columns(name, a.toFixed(2), b.toFixed(2), (b / a).toFixed(1));
}
for (const [name, operation] of alone) {
  const [a] = medians([operation]);
  columns(name, a.toFixed(2));
}
