// Packed Paillier in one process, beside secure aggregation at the same dimension: time of an owner's encryption, of the
// analyst's addition and of the consumer's decryption, and bytes.
//   npx tsc -b packages/federated && node packages/federated/bench/paillier.mjs [--dimension 100000] [--members 20]
//     [--bits 16] [--key 2048] [--runs 3] [--json]
import { randomBytes } from "node:crypto";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { modPow } from "../dist/paillier/arithmetic.js";
import { ciphertextBytes, encodeCiphertexts } from "../dist/paillier/ciphertext-codec.js";
import { addCiphertexts, decryptSum, encryptVector } from "../dist/paillier/encryption.js";
import { createPaillierKeys } from "../dist/paillier/keys.js";
import { ciphertextCount, slotsPerPlaintext } from "../dist/paillier/packing.js";
import { createPower } from "../dist/paillier/power.js";
import { median, runRound } from "./secagg.mjs";

async function timed(work) {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const value = await work();
  return { value, ms: performance.now() - started, userMs: process.cpuUsage(cpu).user / 1000 };
}

/** One r^n mod n^2, in milliseconds. */
async function measurePower({ n }, power, repetitions) {
  const { ms } = await timed(() => {
    for (let i = 0; i < repetitions; i++)
      power(2n + (BigInt(`0x${randomBytes(300).toString("hex")}`) % (n - 2n)));
  });
  return ms / repetitions;
}

async function main() {
  const { values } = parseArgs({
    options: {
      dimension: { type: "string", default: "100000" },
      members: { type: "string", default: "20" },
      bits: { type: "string", default: "16" },
      key: { type: "string", default: "2048" },
      runs: { type: "string", default: "3" },
      json: { type: "boolean", default: false },
    },
  });
  const [dimension, members, bits, keyBits, runs] = ["dimension", "members", "bits", "key", "runs"].map(
    (name) => Number(values[name]),
  );
  const packing = { bits, members };
  const creation = await timed(() => createPaillierKeys(keyBits));
  const keys = creation.value;
  const { publicKey } = keys;
  const square = publicKey.n ** 2n;
  const openssl = await measurePower(publicKey, createPower(publicKey.n, square), 20);
  const bigint = await measurePower(publicKey, (base) => modPow(base, publicKey.n, square), 3);

  const limit = 2 ** (bits - 1);
  const vector = Int32Array.from(randomBytes(4 * dimension), (byte) => (byte % (2 * limit)) - limit).subarray(
    0,
    dimension,
  );
  const encryptions = [];
  for (let run = 0; run < runs; run++) {
    encryptions.push(await timed(() => encryptVector(publicKey, vector, packing, randomBytes)));
  }
  const [first] = encryptions;
  const addition = await timed(() => addCiphertexts(publicKey, new Array(members).fill(first.value)));
  const given = { contributors: members, dimension };
  const decryption = await timed(() => decryptSum(keys, addition.value, packing, given));
  for (const [index, value] of decryption.value.entries()) {
    if (value !== members * vector[index]) throw new RangeError(`coordinate ${index}: ${value}`);
  }
  const secagg = Array.from({ length: runs }, (_, run) =>
    runRound({ members, neighbours: "all", dropouts: 0, dimension }, run),
  );
  const clients = secagg.flatMap((round) => round.clients);
  const result = {
    dimension,
    members,
    bits,
    keyBits,
    keysMs: creation.ms,
    powerMs: { openssl, bigint },
    ciphertexts: ciphertextCount(keyBits, dimension, packing),
    slots: slotsPerPlaintext(keyBits, packing),
    paillier: {
      ownerMs: median(encryptions.map((run) => run.ms)),
      ownerUserMs: median(encryptions.map((run) => run.userMs)),
      analystMs: addition.ms,
      consumerMs: decryption.ms,
      ownerBytes: encodeCiphertexts(publicKey, first.value).length,
    },
    secagg: {
      ownerMs: median(clients.map((client) => client.totalMs)),
      ownerUserMs: median(clients.map((client) => client.userMs)),
      analystMs: median(secagg.map((round) => round.unmasking.ms)),
      ownerBytes: secagg[0].bytes.up + secagg[0].bytes.down,
    },
  };
  if (values.json) console.log(JSON.stringify(result, undefined, 2));
  else print(result);
}

function print({ dimension, members, bits, keyBits, keysMs, powerMs, ciphertexts, slots, paillier, secagg }) {
  const ms = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ms`.padStart(11);
  console.log(
    `dimension ${dimension}, ${members} owners, ${bits} bits a value, key of ${keyBits} bits; ${cpus()[0]?.model}, Node ${process.version}`,
  );
  console.log(
    `keys ${keysMs.toFixed(0)} ms; r^n mod n^2: ${powerMs.openssl.toFixed(2)} ms by OpenSSL, ${powerMs.bigint.toFixed(2)} ms by BigInt`,
  );
  console.log(
    `${slots} values a ciphertext of ${ciphertextBytes({ bits: keyBits })} bytes, ${ciphertexts} ciphertexts\n`,
  );
  console.log("                             Paillier    secure aggregation");
  console.log(`owner, a vector           ${ms(paillier.ownerMs)}   ${ms(secagg.ownerMs)}`);
  console.log(`  user CPU                ${ms(paillier.ownerUserMs)}   ${ms(secagg.ownerUserMs)}`);
  console.log(`analyst, the sum          ${ms(paillier.analystMs)}   ${ms(secagg.analystMs)}`);
  console.log(`consumer, decryption      ${ms(paillier.consumerMs)}             -`);
  console.log(
    `owner, bytes              ${String(paillier.ownerBytes).padStart(8)} B   ${String(secagg.ownerBytes).padStart(8)} B`,
  );
  console.log(
    `  of the plain update     ${(paillier.ownerBytes / (4 * dimension)).toFixed(2).padStart(8)}     ${(secagg.ownerBytes / (4 * dimension)).toFixed(2).padStart(8)}`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
