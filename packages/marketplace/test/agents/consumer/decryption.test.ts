import { bytesToHex, hexToBytes } from "@sheaf/base";
import {
  addCiphertexts,
  decodePaillierKey,
  encodeCiphertexts,
  encryptVector,
  isRejection,
  type PaillierPublicKey,
} from "@sheaf/federated";
import { keccak256 } from "@sheaf/protocol";
import { describe, expect, it } from "vitest";
import type { MessageBody } from "../../../src/agents/messages/bodies.ts";
import { decodeBody } from "../../../src/agents/messages/codec.ts";
import { contextOf, decryptedDigest } from "../../../src/agents/round/attempt.ts";
import { inputDigest } from "../../../src/agents/round/signed-input.ts";
import { jobSpecOnChain } from "../../../src/job-spec.ts";
import { toyIdentity, toyRecover } from "../../simulation/identities.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { eventsOf, type Puppet } from "../../simulation/puppet.ts";
import { SCOPE } from "../../simulation/sim-host.ts";
import { codes, createDesk, type Desk, type DeskOptions, order, trainTo } from "./desk.ts";

const hash = (bytes: Uint8Array) => bytesToHex(keccak256(bytes));
const ports = { keccak256: hash };
const VALUES = [
  [1, -2, 3],
  [10, 20, 30],
  [-100, 0, 100],
];

interface Setting {
  readonly desk: Desk;
  readonly key: PaillierPublicKey;
  readonly vectors: readonly (readonly bigint[])[];
}

/** A job in mode paillier whose round 1 stands open, and what three owners encrypted. */
async function openRound(options: DeskOptions = {}): Promise<Setting> {
  const paillier = { ...order, spec: tinySpec("paillier") };
  const desk = await createDesk({ offerWindowMs: 8_000, orders: [paillier], ...options });
  await desk.stage.run(9_000, () => eventsOf(desk.stage, "requested").length > 0);
  const n = jobSpecOnChain(eventsOf(desk.stage, "requested")[0]?.spec ?? "")?.privacy.paillier?.n ?? "0x";
  const key = decodePaillierKey(hexToBytes(n));
  if (key === undefined) throw new TypeError("no key on chain");
  await trainTo(desk, 1n, 0);
  const stateHash = hash(new Uint8Array(1));
  const opening = { job: 1n, round: 1, stateHash, keysRoot: stateHash, cohortBitmap: 7n };
  await desk.analysts[0]?.transact({ method: "openRound", ...opening });
  const entropy = (length: number): Uint8Array => desk.stage.random.bytes(length);
  const vectors = await Promise.all(
    VALUES.map((values) => encryptVector(key, Int32Array.from(values), { bits: 16, members: 3 }, entropy)),
  );
  return { desk, key, vectors };
}

/** A request for the sum of the owners in `members`, committed by them. */
function request(
  { desk, key, vectors }: Setting,
  members: readonly number[],
  attempt = 1,
): MessageBody<"round.decrypt"> {
  const sum = addCiphertexts(
    key,
    members.map((member) => vectors[member] as bigint[]),
  );
  if (isRejection(sum)) throw new TypeError(sum.rejected);
  const analyst = desk.analysts[0]?.address ?? "0x";
  const context = contextOf(SCOPE, { job: 1n, analyst, round: 1, attempt });
  const commitments = members.map((owner) => {
    const updateHash = hash(encodeCiphertexts(key, vectors[owner] as bigint[]));
    const digest = inputDigest(ports, context, updateHash);
    const signature = toyIdentity(20 + owner).sign(hexToBytes(digest));
    return { owner, updateHash: hexToBytes(updateHash), signature };
  });
  return { round: 1, attempt, ciphertexts: encodeCiphertexts(key, sum), count: 3, commitments };
}

const signers: (string | undefined)[] = [];

async function ask(
  { desk }: Setting,
  from: Puppet | undefined,
  body: MessageBody<"round.decrypt">,
): Promise<number[][]> {
  from?.send(desk.consumer.address, 1n, "round.decrypt", body);
  await desk.stage.run(1_500);
  return (from?.messages ?? []).flatMap(({ kind, body: bytes }) => {
    const decoded = decodeBody(kind, bytes);
    if ("rejected" in decoded || decoded.kind !== "round.decrypted") return [];
    // Signed, together with the sum that was asked for [CONSUMER.13].
    const { round, attempt, values, signature } = decoded.body;
    const analyst = from?.address ?? "0x";
    const context = contextOf(SCOPE, { job: 1n, analyst, round, attempt });
    const digest = decryptedDigest(ports, context, hash(body.ciphertexts), hash(values));
    signers.push(toyRecover(hexToBytes(digest), signature));
    return [[...new Int32Array(decoded.body.values.slice().buffer)]];
  });
}

describe("mode paillier", { timeout: 60_000 }, () => {
  it("publishes the consumer's own key, also when it crashes before the request [CONSUMER.12]", async () => {
    const { desk, key } = await openRound({ crash: { input: 3, outputs: 1, downMs: 500 } });
    expect(key.bits).toBe(2048);
    expect(eventsOf(desk.stage, "requested")).toHaveLength(1);
  });

  it("decrypts a sum that three owners committed to, for the analyst, and the same request again [CONSUMER.13]", async () => {
    const setting = await openRound();
    const [analyst, other] = setting.desk.analysts;
    const body = request(setting, [0, 1, 2]);
    expect(await ask(setting, other, body)).toEqual([]);
    expect(await ask(setting, analyst, body)).toEqual([[-89, 18, 133]]);
    expect(signers.at(-1)).toBe(setting.desk.consumer.address);
    expect(await ask(setting, analyst, body)).toEqual([
      [-89, 18, 133],
      [-89, 18, 133],
    ]);
    expect(codes(setting.desk)).toContain("NOT_THE_ANALYST");
  });

  it("refuses sums of two, commitments that are forged, repeated or of another attempt, and closed rounds [CONSUMER.13]", async () => {
    const setting = await openRound();
    const [analyst] = setting.desk.analysts;
    const good = request(setting, [0, 1, 2]);
    const [first, second, third] = good.commitments as [
      MessageBody<"round.decrypt">["commitments"][number],
      never,
      never,
    ];
    const forged = { ...first, updateHash: (second as typeof first).updateHash };
    for (const body of [
      request(setting, [0, 1]),
      { ...good, commitments: [forged, second, third] },
      { ...good, commitments: [first, second, second] },
      { ...good, attempt: 2 },
      { ...good, round: 2 },
    ]) {
      expect(await ask(setting, analyst, body)).toEqual([]);
    }
    expect(codes(setting.desk)).toEqual(expect.arrayContaining(["TOO_FEW_MEMBERS", "BAD_COMMITMENT"]));
    expect(await ask(setting, analyst, good)).toHaveLength(1);
  });

  it("opens one sum a round, also in another attempt and after a restart [CONSUMER.13] [CONSUMER.11]", async () => {
    const setting = await openRound();
    const { desk } = setting;
    const [analyst] = desk.analysts;
    expect(await ask(setting, analyst, request(setting, [0, 1, 2]))).toHaveLength(1);
    desk.consumer.stop(500);
    await desk.stage.run(2_000);
    expect(desk.consumer.alive).toBe(true);
    expect(await ask(setting, analyst, request(setting, [0, 1, 2], 2))).toHaveLength(2); // the same sum
    const { key, vectors } = setting;
    const changed = { ...setting, vectors: [vectors[0], vectors[1], vectors[1]] as Setting["vectors"] };
    expect(
      await ask({ desk, key, vectors: changed.vectors }, analyst, request(changed, [0, 1, 2], 2)),
    ).toHaveLength(2);
    expect(codes(desk)).toContain("ALREADY_DECRYPTED");
  });
});
