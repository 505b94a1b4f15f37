// Mailboxes through the embedded broker, all in one process: messages and megabytes a second, and what the wire
// carries for each byte of body: node bench/mailbox.mjs
// Signatures are Ed25519 of node:crypto, about as fast as native secp256k1; keccak256 is SHA3-256 of node:crypto.
import { createHash, generateKeyPairSync, sign, verify } from "node:crypto";
import { bytesToHex, concatBytes, systemClock } from "@sheaf/base";
import { connectBus, createMailbox, startBroker } from "../dist/index.js";

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

async function openMailbox(url) {
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

const broker = await startBroker();
const [sender, receiver] = [await openMailbox(broker.url), await openMailbox(broker.url)];
for (const [bytes, count] of [
  [200, 3_000],
  [4_000, 3_000],
  [100_000, 400],
  [400_000, 200],
  [4_000_000, 20],
]) {
  let got = 0;
  const all = new Promise((resolve) => {
    receiver.mailbox.onMessage(() => {
      got += 1;
      if (got === count) resolve();
    });
  });
  const body = new Uint8Array(bytes).fill(7);
  const before = sender.bus.traffic;
  const startedMs = performance.now();
  for (let index = 0; index < count; index++)
    void sender.mailbox.send(receiver.mailbox.address, 1n, "bench", body);
  await all;
  while (sender.mailbox.unacknowledged > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const seconds = (performance.now() - startedMs) / 1_000;
  const { sentBytes, receivedBytes } = sender.bus.traffic;
  const wire = sentBytes - before.sentBytes + receivedBytes - before.receivedBytes;
  console.log(
    `${String(bytes).padStart(8)} bytes: ${(count / seconds).toFixed(0).padStart(6)} messages/s, ` +
      `${((count * bytes) / seconds / 1e6).toFixed(1).padStart(6)} MB/s, wire/body ${(wire / (count * bytes)).toFixed(4)}`,
  );
}
await sender.bus.close();
await receiver.bus.close();
await broker.stop();
