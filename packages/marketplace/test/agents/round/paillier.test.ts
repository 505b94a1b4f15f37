import { bytesToHex, type Hex, hexToBytes } from "@sheaf/base";
import { createPaillierKeys, encodePaillierKey, encodePaillierSecret } from "@sheaf/federated";
import { describe, expect, it } from "vitest";

import { decodeBody, encodeBody } from "../../../src/agents/messages/codec.ts";
import type { Agent, AgentInput, AgentOutput, AgentPorts } from "../../../src/agents/ports.ts";
import { contextOf, decryptedDigest } from "../../../src/agents/round/attempt.ts";
import { recomputeRound } from "../../../src/agents/round/recompute.ts";
import { inputDigest } from "../../../src/agents/round/signed-input.ts";
import { decodeRoundTranscript, type RoundTranscript } from "../../../src/agents/round/transcript.ts";
import { quantisationStep } from "../../../src/agents/round/vector-plan.ts";
import { toyIdentity } from "../../simulation/identities.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { aggregationErrors } from "../support/audit.ts";
import { factsOf, portsFor } from "../support/look.ts";
import { calls, events, SCOPE } from "../support/table.ts";
import { startTraining } from "../support/training.ts";

const OWNERS = 4;

/** Decrypts whatever it is asked to: the consumer's rules are tested with the consumer. */
function decryptor(
  ports: AgentPorts,
  secret: Uint8Array,
  bits: number,
  silent: () => boolean,
): Agent<readonly AgentInput[]> {
  const sums = new Map<string, Hex>();
  return {
    start: [],
    step(state, input) {
      const outputs: AgentOutput[] = [];
      if (input.type === "message" && !silent()) {
        const decoded = decodeBody(input.message.kind, input.message.body);
        if ("body" in decoded && decoded.kind === "round.decrypt") {
          const { ciphertexts, count, commitments, round, attempt } = decoded.body;
          const work = {
            kind: "paillier-decrypt",
            secret,
            ciphertexts,
            count,
            bits,
            members: OWNERS,
            contributors: commitments.length,
          } as const;
          sums.set(`${round}/${attempt}`, ports.keccak256(ciphertexts));
          outputs.push({ type: "compute", id: `${round}/${attempt}/${input.message.from}`, work });
        }
      }
      if (input.type === "done" && input.result.kind === "decrypted") {
        const [round, attempt, analyst] = input.effect.split("/");
        const { buffer, byteOffset, byteLength } = input.result.values;
        const values = new Uint8Array(buffer, byteOffset, byteLength);
        const tag = { round: Number(round), attempt: Number(attempt) };
        const context = contextOf(ports.scope, { ...tag, job: 1n, analyst: analyst as `0x${string}` });
        const sum = sums.get(`${round}/${attempt}`) ?? "0x";
        const signature = ports.sign(decryptedDigest(ports, context, sum, ports.keccak256(values)));
        const body = { ...tag, values, signature };
        outputs.push({
          type: "send",
          to: analyst as `0x${string}`,
          job: 1n,
          kind: "round.decrypted",
          body: encodeBody("round.decrypted", body),
        });
      }
      return [[...state, input], outputs];
    },
  };
}

async function start(silent: () => boolean = () => false) {
  const keys = await createPaillierKeys(2048);
  const n = bytesToHex(encodePaillierKey(keys.publicKey));
  const base = tinySpec("none");
  const spec = tinySpec("paillier", {
    privacy: { mode: "paillier", paillier: { keyBits: 2048, n, bits: 16, clip: 2 } },
    training: { ...base.training, rounds: 1 },
  });
  const training = await startTraining({ owners: OWNERS, spec });
  training.table.seat(900, (ports) => decryptor(ports, encodePaillierSecret(keys), 16, silent));
  return { ...training, spec };
}

describe("mode paillier [PHASE.12]", () => {
  it("opens the sum of what the owners signed, and no more; the round can be computed again, the product too", async () => {
    const training = await start();
    const { table, analyst, owners } = training;
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    for (const error of aggregationErrors(training)) {
      expect(error).toBeLessThan(OWNERS * quantisationStep({ bits: 16, clip: 2 }) + 1e-5);
    }
    const asked = table.sent.find(({ kind }) => kind === "round.decrypt");
    const decoded = decodeBody("round.decrypt", asked?.body ?? new Uint8Array());
    if (!("body" in decoded) || decoded.kind !== "round.decrypt") throw new TypeError("nothing was asked");
    const context = contextOf(SCOPE, { job: 1n, analyst: analyst.address, round: 1, attempt: 1 });
    const ports = portsFor(analyst);
    const facts = factsOf(analyst, table);
    expect(decoded.body.commitments.length).toBe(OWNERS);
    for (const { owner, updateHash, signature } of decoded.body.commitments) {
      const digest = inputDigest(ports, context, bytesToHex(updateHash));
      expect(ports.recover(digest, signature)).toBe(facts.owners[owner]);
      expect(facts.rounds[0]?.updateHashes).toContain(bytesToHex(updateHash));
    }
    const transcript = decodeRoundTranscript(analyst.saved.get("bulk/1/1") ?? new Uint8Array());
    const [closed] = facts.rounds;
    if (transcript === undefined || closed === undefined) throw new TypeError("no transcript");
    expect(recomputeRound(ports, facts, closed, transcript)).toMatchObject({ holds: true });
    const { encrypted, decrypted } = transcript;
    const [first, second] = encrypted;
    if (first === undefined || second === undefined || decrypted === undefined) throw new TypeError("no sum");
    const given = (change: Partial<RoundTranscript>) =>
      recomputeRound(ports, facts, closed, { ...transcript, ...change });
    // The consumer decrypted the sum of all: of anything else, or to anything else, it signed nothing.
    const signed = (sum: Uint8Array, values: Uint8Array) => {
      const digest = decryptedDigest(ports, context, ports.keccak256(sum), ports.keccak256(values));
      return { values, signature: toyIdentity(900).sign(hexToBytes(digest)) };
    };
    expect(given({ decrypted: signed(decoded.body.ciphertexts, decrypted.values) }).holds).toBe(true);
    const alone = given({ decrypted: signed(first.ciphertexts, decrypted.values) });
    expect(alone).toEqual({ holds: false, code: "WRONG_DECRYPTION" });
    const values = decrypted.values.map((byte, index) => (index === 0 ? byte ^ 1 : byte));
    expect(given({ decrypted: { ...decrypted, values } })).toEqual({
      holds: false,
      code: "WRONG_DECRYPTION",
    });
    // An input that is not the one on chain, nor with others the sum that was decrypted.
    const swapped = [{ ...first, ciphertexts: second.ciphertexts }, ...encrypted.slice(1)];
    expect(given({ encrypted: swapped })).toEqual({ holds: false, code: "WRONG_DECRYPTION" });
    // An input that its owner did not sign [PHASE.13].
    const [own, ...others] = transcript.signatures;
    expect(given({ signatures: [...others, own as Uint8Array] })).toEqual({
      holds: false,
      code: "UNSIGNED_INPUT",
    });
    for (const owner of owners) expect(events(owner, "rejected")).toEqual([]);
  }, 60_000);

  it("asks again when the consumer is silent, then gives the attempt up; owners send the same ciphertexts again [OWNER.7]", async () => {
    let silent = true;
    const { table, analyst, owners } = await start(() => silent);
    await table.run(() => events(analyst, "aborted").length > 0);
    expect(events(analyst, "aborted")).toMatchObject([{ phase: "decrypt", because: "NOT_DECRYPTED" }]);
    expect(table.sent.filter(({ kind }) => kind === "round.decrypt").length).toBe(3);
    silent = false;
    expect(await table.run(() => calls(analyst, "deliver").length > 0)).toBe(true);
    const [owner] = owners;
    const sent = table.sent.flatMap(({ from, kind, body }) => {
      const decoded = from === owner?.address ? decodeBody(kind, body) : undefined;
      return decoded !== undefined && "body" in decoded && decoded.kind === "round.encrypted"
        ? [decoded.body.ciphertexts]
        : [];
    });
    expect(sent.length).toBe(2);
    expect(sent[0]).toEqual(sent[1]);
  }, 60_000);
});
