// Secure aggregation in one process: time of a client (shares and mask together), time of the server's unmasking,
// bytes of the protocol's messages for each owner.
//   npx tsc -b packages/federated && node packages/federated/bench/secagg.mjs [--dimension 100000] [--runs 5] [--json]
// Signatures are ECDSA on secp256k1 of OpenSSL, as a stand-in for the licensed identities' own; their time is shown
// apart, since the caller brings them.
import { createHash, generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { encodeKeyAdvert, encodeKeyAdverts } from "../dist/secagg/advert-codec.js";
import {
  encodeConfirmation,
  encodeConfirmations,
  encodeMasked,
  encodeSealedShares,
  encodeSurvivors,
  encodeUnmaskShares,
} from "../dist/secagg/codec.js";
import { createSecaggMember } from "../dist/secagg/member.js";
import { quantise } from "../dist/secagg/quantise.js";
import { thresholdFor } from "../dist/secagg/round.js";
import { createSecaggServer } from "../dist/secagg/server.js";
import { recomputeSum } from "../dist/secagg/transcript.js";

/** Members of each run that are timed and check every signature; the others take them on trust, to keep runs short. */
const WATCHED = 7;

/** What was measured elsewhere and the bars of this project, in milliseconds, at dimension 100,000. */
const CASES = [
  { members: 10, neighbours: "all", dropouts: 0, flower: { client: 31, server: 169 } },
  { members: 10, neighbours: "all", dropouts: 1 },
  {
    members: 100,
    neighbours: "all",
    dropouts: 0,
    bar: { client: 150, server: 1000 },
    flower: { client: 1626, server: 72681 },
  },
  { members: 100, neighbours: "all", dropouts: 10, bar: { client: 150, server: 2000 } },
  { members: 100, neighbours: 15, dropouts: 0, bar: { client: 150, server: 200 }, flower: { server: 2936 } },
  { members: 100, neighbours: 15, dropouts: 10, fraction: 0.55 },
];

const identities = new Map();
function identityOf(member) {
  let identity = identities.get(member);
  if (identity === undefined) {
    identity = generateKeyPairSync("ec", { namedCurve: "secp256k1" });
    identities.set(member, identity);
  }
  return identity;
}

const signing = { ms: 0 };
function timedVerify(member, message, signature) {
  const started = performance.now();
  const valid = verify(
    "sha256",
    message,
    { key: identityOf(member).publicKey, dsaEncoding: "ieee-p1363" },
    signature,
  );
  signing.ms += performance.now() - started;
  return valid;
}

/** Wall and user CPU time of `work` without what its signatures took, and its value. */
function timed(work) {
  signing.ms = 0;
  const cpu = process.cpuUsage();
  const started = performance.now();
  const value = work();
  const ms = performance.now() - started;
  const userMs = process.cpuUsage(cpu).user / 1000;
  return { value, ms, userMs, signatureMs: signing.ms };
}

function done(value) {
  if ("rejected" in value || "aborted" in value) throw new RangeError(JSON.stringify(value));
  return value;
}

/** One whole round, with the times of its members and server and the bytes of one member. */
export function runRound({ members: count, neighbours, dropouts, fraction = 2 / 3, dimension }, repetition) {
  const ids = Array.from(
    { length: count },
    (_, i) => `0x${createHash("sha256").update(`owner ${i}`).digest("hex").slice(0, 40)}`,
  ).sort();
  const round = {
    context: `bench|${repetition}`,
    modelHash: randomBytes(32),
    members: ids,
    threshold: thresholdFor(fraction, count, neighbours),
    neighbours,
    dimension,
  };
  const graphSeed = randomBytes(32);
  const watched = new Set(ids.slice(0, WATCHED));
  const [counted] = ids;
  const members = new Map(
    ids.map((id) => [
      id,
      createSecaggMember(round, id, {
        entropy: randomBytes,
        sign: (message) =>
          sign("sha256", message, { key: identityOf(id).privateKey, dsaEncoding: "ieee-p1363" }),
        verify: watched.has(id) ? timedVerify : () => true,
      }),
    ]),
  );
  const inputs = new Map(ids.map((id) => [id, randomInput(dimension)]));
  const server = createSecaggServer(round, { verify: timedVerify });
  const adverts = [...members.values()].map((member) => member.advertise());
  const openings = timed(() => done(server.adverts(adverts, graphSeed)));

  const clients = [];
  const bytes = { up: 0, down: 0 };
  const countBytes = (id, way, message) => {
    if (id === counted) bytes[way] += message.length;
  };
  countBytes(counted, "up", encodeKeyAdvert(round, members.get(counted).advertise()));
  countBytes(counted, "down", encodeKeyAdverts(round, adverts));
  const shared = new Map();
  for (const [id, member] of members) {
    const share = timed(() => done(member.share(adverts, graphSeed)));
    shared.set(id, share);
    done(server.shares(id, share.value.sealed));
    countBytes(id, "up", encodeSealedShares(round, share.value.sealed));
  }
  const { sealedFor } = done(server.relay());
  const silent = new Set(ids.slice(-dropouts || count));
  for (const [id, received] of sealedFor) {
    countBytes(id, "down", encodeSealedShares(round, received));
    const mask = timed(() => done(members.get(id).mask(received, inputs.get(id))));
    const share = shared.get(id);
    if (watched.has(id))
      clients.push({
        shareMs: share.ms - share.signatureMs,
        maskMs: mask.ms,
        totalMs: share.ms - share.signatureMs + mask.ms,
        userMs: share.userMs + mask.userMs,
        signatureMs: share.signatureMs,
      });
    if (dropouts > 0 && silent.has(id)) continue;
    done(server.masked(id, mask.value.masked));
    countBytes(id, "up", encodeMasked(round, mask.value.masked));
  }
  const { survivors } = done(server.survivors());
  for (const id of survivors) {
    const { signature } = done(members.get(id).confirm(survivors));
    done(server.confirmation(id, signature));
    countBytes(id, "down", encodeSurvivors(round, survivors));
    countBytes(id, "up", encodeConfirmation(round, signature));
  }
  const { confirmations } = done(server.confirmations());
  const shares = new Map(survivors.map((id) => [id, done(members.get(id).unmask(confirmations)).shares]));
  countBytes(counted, "down", encodeConfirmations(round, confirmations));
  countBytes(counted, "up", encodeUnmaskShares(round, shares.get(counted)));
  const unmasking = timed(() => {
    for (const [id, given] of shares) done(server.unmask(id, given));
    return done(server.sum());
  });
  checkSum(unmasking.value.sum, survivors, inputs);
  const arbiter = timed(() => recomputeSum(server.transcript(), { verify: timedVerify }));
  return { clients, unmasking, openings, arbiter, bytes };
}

function randomInput(dimension) {
  const bytes = randomBytes(4 * dimension);
  return new Int32Array(bytes.buffer, bytes.byteOffset, dimension).map((word) => word >> 12);
}

function checkSum(sum, survivors, inputs) {
  for (let i = 0; i < sum.length; i++) {
    let plain = 0;
    for (const id of survivors) plain += inputs.get(id)[i];
    if (sum[i] !== plain) throw new RangeError(`coordinate ${i}: ${sum[i]} instead of ${plain}`);
  }
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

function comparison(ms, bar, flower) {
  const parts = [];
  if (bar !== undefined) parts.push(`bar ${bar}: ${ms < bar ? "met" : "MISSED"}`);
  if (flower !== undefined) parts.push(`Flower ${flower}`);
  return parts.length === 0 ? "" : ` [${parts.join("; ")}]`;
}

function main() {
  const { values: options } = parseArgs({
    options: {
      dimension: { type: "string", default: "100000" },
      runs: { type: "string", default: "5" },
      json: { type: "boolean", default: false },
    },
  });
  const dimension = Number(options.dimension);
  const runs = Number(options.runs);
  const rows = CASES.map((setting) => {
    const results = Array.from({ length: runs }, (_, repetition) =>
      runRound({ ...setting, dimension }, repetition),
    );
    const clients = results.flatMap((result) => result.clients);
    const over = (list, field) => Number(median(list.map((item) => item[field])).toFixed(1));
    const unmaskings = results.map((result) => result.unmasking);
    return {
      ...setting,
      client: {
        ms: over(clients, "totalMs"),
        shareMs: over(clients, "shareMs"),
        maskMs: over(clients, "maskMs"),
        userMs: over(clients, "userMs"),
        signatureMs: over(clients, "signatureMs"),
      },
      server: { unmaskMs: over(unmaskings, "ms"), userMs: over(unmaskings, "userMs") },
      advertsMs: over(
        results.map((result) => result.openings),
        "ms",
      ),
      arbiterMs: over(
        results.map((result) => result.arbiter),
        "ms",
      ),
      bytes: { ...results[0].bytes, ratio: (results[0].bytes.up + results[0].bytes.down) / (4 * dimension) },
    };
  });

  const quantised = Array.from({ length: 9 }, () => {
    const vector = Float32Array.from({ length: dimension }, () => Math.random() * 2 - 1);
    return timed(() => quantise(vector, { clip: 1, bits: 20 }, randomBytes)).ms;
  });

  if (options.json) {
    console.log(JSON.stringify({ dimension, runs, quantiseMs: median(quantised), rows }, undefined, 2));
  } else {
    console.log(
      `dimension ${dimension}, threshold 2/3, medians of ${runs} runs; ${cpus()[0]?.model}, Node ${process.version}`,
    );
    console.log(`quantise: ${median(quantised).toFixed(1)} ms`);
    for (const row of rows) {
      const { client, server, bytes, bar, flower } = row;
      console.log(`\nn = ${row.members}, k = ${row.neighbours}, ${row.dropouts} dropouts`);
      console.log(
        `  client    ${client.ms} ms (shares ${client.shareMs}, mask ${client.maskMs}), user CPU ${client.userMs} ms with signatures${comparison(client.ms, bar?.client, flower?.client)}`,
      );
      console.log(`            and ${client.signatureMs} ms to verify the adverts' signatures`);
      console.log(
        `  server    unmask ${server.unmaskMs} ms, user CPU ${server.userMs} ms${comparison(server.unmaskMs, bar?.server, flower?.server)}`,
      );
      console.log(
        `            check adverts ${row.advertsMs} ms; an arbiter's recomputation ${row.arbiterMs} ms`,
      );
      console.log(
        `  an owner  ${bytes.up} bytes up, ${bytes.down} down: ${bytes.ratio.toFixed(3)} of ${4 * dimension} bytes in the plain`,
      );
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
