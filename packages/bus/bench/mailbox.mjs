// Mailboxes through the embedded broker, all in one process: messages and megabytes a second, and what the wire
// carries for each byte of body: node bench/mailbox.mjs [DIST]
// With the `dist` of another version both run in turn, five times, and the ratio of their medians is printed.
// Signatures are Ed25519 of node:crypto, about as fast as native secp256k1; keccak256 is SHA3-256 of node:crypto.
import { createHash, generateKeyPairSync, sign, verify } from "node:crypto";
import { join, resolve } from "node:path";
import { bytesToHex, concatBytes, systemClock } from "@sheaf/base";

const versions = [
  "../dist/index.js",
  ...process.argv.slice(2, 3).map((dist) => join(resolve(dist), "index.js")),
];
const RUNS = versions.length === 1 ? 1 : 5;

const keys = new Map();
const keccak256 = (bytes) => new Uint8Array(createHash("sha3-256").update(bytes).digest());

function createIdentity() {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const address = bytesToHex(keccak256(publicKey.export({ type: "spki", format: "der" })).subarray(12));
  keys.set(address, publicKey);
  return { address, sign: (digest) => concatBytes(sign(null, digest, privateKey), Uint8Array.of(0)) };
}

function recover(digest, signature) {
  for (const [address, key] of keys) if (verify(null, digest, key, signature.subarray(0, 64))) return address;
  return undefined;
}

async function openMailbox({ connectBus, createMailbox }, url) {
  const identity = createIdentity();
  const bus = await connectBus(url, { clientId: identity.address });
  const mailbox = await createMailbox(bus, identity, {
    chainScope: "1/0xbench",
    clock: systemClock,
    licensed: () => true,
    keccak256,
    recover,
  });
  return { bus, mailbox };
}

/** A sender and a receiver that know each other, and what sends `count` bodies and waits for all receipts. */
async function openPair(version) {
  const bus = await import(version);
  const broker = await bus.startBroker();
  const [sender, receiver] = [await openMailbox(bus, broker.url), await openMailbox(bus, broker.url)];
  async function run(bytes, count) {
    let got = 0;
    const all = new Promise((resolveAll) => {
      receiver.mailbox.onMessage(() => {
        got += 1;
        if (got === count) resolveAll();
      });
    });
    const body = new Uint8Array(bytes).fill(7);
    const before = sender.bus.traffic;
    const startedMs = performance.now();
    for (let index = 0; index < count; index++)
      void sender.mailbox.send(receiver.mailbox.address, 1n, "bench", body);
    await all;
    while (sender.mailbox.unacknowledged > 0)
      await new Promise((resolveLater) => setTimeout(resolveLater, 1));
    const seconds = (performance.now() - startedMs) / 1_000;
    const { sentBytes, receivedBytes } = sender.bus.traffic;
    return { seconds, wire: sentBytes - before.sentBytes + receivedBytes - before.receivedBytes };
  }
  await run(0, 1);
  const close = async () => {
    await sender.bus.close();
    await receiver.bus.close();
    await broker.stop();
  };
  return { run, close };
}

const pairs = [];
for (const version of versions) pairs.push(await openPair(version));
for (const [bytes, count] of [
  [200, 3_000],
  [4_000, 3_000],
  [100_000, 400],
  [400_000, 200],
  [4_000_000, 20],
  [64 * 1024 * 1024, 2],
]) {
  const runs = pairs.map(() => []);
  for (let run = 0; run < RUNS; run++)
    for (const [index, pair] of pairs.entries()) runs[index].push(await pair.run(bytes, count));
  const medians = runs.map((each) => each.sort((a, b) => a.seconds - b.seconds)[Math.floor(RUNS / 2)]);
  const figures = medians.map(
    ({ seconds, wire }) =>
      `${(count / seconds).toFixed(bytes > 1e7 ? 2 : 0).padStart(6)} messages/s, ` +
      `${((count * bytes) / seconds / 1e6).toFixed(1).padStart(6)} MB/s, wire/body ${(wire / (count * bytes)).toFixed(4)}`,
  );
  const [own, other] = medians;
  if (other !== undefined) figures.push(`speed ${(other.seconds / own.seconds).toFixed(3)}`);
  console.log(`${String(bytes).padStart(8)} bytes: ${figures.join(" | ")}`);
}
for (const pair of pairs) await pair.close();
