import { bytesToHex, type Hex, hexToBytes } from "@sheaf/base";
import { coalitionDomain, statementTypes, workerReputationBps } from "@sheaf/contracts";
import { keccak256 } from "@sheaf/protocol";
import { verifyTypedData } from "ethers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COALITIONS_ADDRESS } from "../src/coalition/chain/coalition-topology.ts";
import type { WorkerAccount } from "../src/coalition/chain/participants.ts";
import { createSensedData } from "../src/coalition/chain/sensed-data.ts";
import { nearestEvidence } from "../src/coalition/evidence.ts";
import { createAccount } from "../src/train/agents.ts";

const CHAIN_ID = 4_242;
const worker = (id: string, samples: number, invents = false): WorkerAccount => ({
  ...createAccount(id),
  id,
  evidence: { good: 1, bad: 0 },
  samples,
  invents,
});

describe("what workers sense", () => {
  it("[SENSE.2] is signed by the worker, for its epoch, chain and contract", async () => {
    const own = worker("w1", 7);
    const { address, samples, root, signature, ...rest } = {
      ...(await createSensedData("s", CHAIN_ID).statement(own, 3)),
      address: own.address,
    };
    expect(rest).toEqual({ worker: address });
    expect(samples).toBe(7);
    const signer = (chainId: number, epoch: number): string =>
      verifyTypedData(
        coalitionDomain(chainId, COALITIONS_ADDRESS),
        { Statement: [...statementTypes.Statement] },
        { epoch, samples, root },
        signature,
      ).toLowerCase();
    expect(signer(CHAIN_ID, 3)).toBe(address);
    expect(signer(CHAIN_ID, 4)).not.toBe(address);
    expect(signer(CHAIN_ID + 1, 3)).not.toBe(address);
  });

  it("[CHALLENGE.3] has a record and a proof for every index of the root, and none beyond", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(5),
        fc.string(),
        async (samples, epoch, seed) => {
          const own = worker("w", samples);
          const data = createSensedData(seed, CHAIN_ID);
          const { root } = await data.statement(own, epoch);
          for (let index = 0; index < samples; index++) {
            const shown = data.show(own, epoch, index);
            expect(rootFrom(shown as NonNullable<typeof shown>, index, samples)).toBe(root);
          }
          expect(data.show(own, epoch, samples)).toBeUndefined();
          // Not that of another place: the index is in the leaf.
          if (samples > 1) expect(rootFrom(data.show(own, epoch, 0) as never, 1, samples)).not.toBe(root);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("is the same for a seed, and other data in each epoch and of each worker", async () => {
    const own = worker("w", 5);
    const rootOf = async (seed: string, of: WorkerAccount, epoch: number): Promise<Hex> =>
      (await createSensedData(seed, CHAIN_ID).statement(of, epoch)).root;
    const roots = await Promise.all([
      rootOf("s", own, 1),
      rootOf("s", own, 1),
      rootOf("s", own, 2),
      rootOf("t", own, 1),
      rootOf("s", worker("v", 5), 1),
    ]);
    expect(roots[0]).toBe(roots[1]);
    expect(new Set(roots).size).toBe(4);
  });

  it("cannot be shown by anybody when it is invented, though it is signed like any other", async () => {
    const accomplice = worker("x", 5, true);
    const data = createSensedData("s", CHAIN_ID);
    const { samples, root } = await data.statement(accomplice, 1);
    expect(samples).toBe(5);
    expect(root).toMatch(/^0x[0-9a-f]{64}$/);
    for (let index = 0; index < 5; index++) expect(data.show(accomplice, 1, index)).toBeUndefined();
  });
});

describe("the table of evidence", () => {
  it("[SENSE.6] gives a reputation that evidence gives on chain, within 0.0013 of any from 0.01 to 0.99", () => {
    for (let wanted = 0.01; wanted <= 0.99; wanted += 0.00005) {
      const { good, bad, reputation } = nearestEvidence(wanted);
      expect(Number(workerReputationBps(BigInt(good), BigInt(bad))) / 10_000).toBe(reputation);
      expect(Math.min(good, bad)).toBeGreaterThanOrEqual(0);
      expect(Math.max(good, bad)).toBeLessThanOrEqual(100);
      expect(Math.abs(reputation - wanted)).toBeLessThan(0.0013);
    }
  });

  it("takes the least evidence, gives what it gave again, and ends at the edges", () => {
    expect(nearestEvidence(0.5)).toEqual({ good: 0, bad: 0, reputation: 0.5 });
    expect(nearestEvidence(0.75)).toEqual({ good: 2, bad: 0, reputation: 0.75 });
    for (const wanted of [0, 0.3, 0.62, 1]) {
      const once = nearestEvidence(wanted).reputation;
      expect(nearestEvidence(once).reputation).toBe(once);
    }
    expect(nearestEvidence(1).reputation).toBe(0.9901);
    expect(nearestEvidence(0).bad).toBe(100);
  });
});

/** The root that record and proof lead to, by RFC 9162 with the index in the leaf: written apart from the code. */
function rootFrom(
  { record, proof }: { readonly record: Hex; readonly proof: readonly Hex[] },
  index: number,
  size: number,
): Hex {
  const hash = (...parts: readonly Uint8Array[]): Uint8Array => keccak256(Buffer.concat(parts));
  const place = Buffer.alloc(32);
  place.writeUInt32BE(index, 28);
  let node = hash(Buffer.of(0), place, hexToBytes(record));
  let [at, last] = [index, size - 1];
  for (const sibling of proof.map((each) => hexToBytes(each))) {
    if (at % 2 === 1 || at === last) {
      node = hash(Buffer.of(1), sibling, node);
      while (at % 2 === 0 && at !== 0) [at, last] = [at >> 1, last >> 1];
    } else node = hash(Buffer.of(1), node, sibling);
    [at, last] = [at >> 1, last >> 1];
  }
  return last === 0 ? bytesToHex(node) : "0x";
}
