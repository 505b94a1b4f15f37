// Five owners add their vectors so that nobody, not even the server that adds, sees a single one; one of them vanishes
// before it helps to open the sum. The round of `@sheaf/federated`; in the market the messages go over the bus.
import { createHash, generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import {
  createSecaggMember,
  createSecaggServer,
  dequantise,
  isAbort,
  isRejection,
  quantise,
  thresholdFor,
} from "@sheaf/federated";

const names = [1, 2, 3, 4, 5].map((n) => `0x${String(n).repeat(40)}`);
const keys = new Map(names.map((name) => [name, generateKeyPairSync("ed25519")]));
const ports = (name) => ({
  entropy: randomBytes,
  sign: (message) => sign(null, message, keys.get(name).privateKey),
  verify: (member, message, signature) => verify(null, message, keys.get(member).publicKey, signature),
});
const held = (result) => {
  if (isRejection(result) || isAbort(result)) throw result;
  return result;
};

const round = {
  context: "an example",
  modelHash: createHash("sha256").update("the model that all of them have").digest(),
  members: names,
  threshold: thresholdFor(0.6, names.length, "all"),
  neighbours: "all",
  dimension: 3,
};
const members = new Map(names.map((name) => [name, createSecaggMember(round, name, ports(name))]));
const server = createSecaggServer(round, { verify: ports(names[0]).verify });
const each = (of, use) => of.map((name) => use(members.get(name), name));

const adverts = each(names, (member) => member.advertise());
const graphSeed = randomBytes(32);
held(server.adverts(adverts, graphSeed));

each(names, (member, name) => held(server.shares(name, held(member.share(adverts, graphSeed)).sealed)));
const { sealedFor } = held(server.relay());

const scale = { clip: 1, bits: 20 };
const vectors = new Map(names.map((name, index) => [name, Float32Array.of(0.1 * index, -0.2, 0.5)]));
each(names, (member, name) => {
  const { values } = quantise(vectors.get(name), scale, randomBytes);
  held(server.masked(name, held(member.mask(sealedFor.get(name), values)).masked));
});

const { survivors } = held(server.survivors());
each(names, (member, name) => held(server.confirmation(name, held(member.confirm(survivors)).signature)));
const { confirmations } = held(server.confirmations());

const [, ...present] = names;
each(present, (member, name) => held(server.unmask(name, held(member.unmask(confirmations)).shares)));
const { sum } = held(server.sum());

const opened = dequantise(sum, scale);
const plain = [0, 1, 2].map((at) => names.reduce((total, name) => total + vectors.get(name)[at], 0));
const error = Math.max(...plain.map((value, at) => Math.abs(value - opened[at])));
if (error > names.length * (scale.clip / (2 ** (scale.bits - 1) - 1))) throw new Error(`off by ${error}`);
console.log(
  `sum ${[...opened].map((value) => value.toFixed(4)).join(", ")}, off by ${error.toExponential(1)}`,
);
