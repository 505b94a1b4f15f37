import { bytesToHex, CodedError } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Genesis, genesisHash, keccak256, parseGenesis } from "../src/index.ts";
import { changed, genesisJson } from "./support/genesis.ts";

const HIGH = `0x${"AB".repeat(20)}`;
const ACCOUNT = `alloc.0x${"a".repeat(40)}`;
const hash = (json: unknown): string => bytesToHex(genesisHash(parseGenesis(json, "genesis.json")));

function refusal(json: unknown): { readonly at: string; readonly message: string } {
  try {
    parseGenesis(json, "genesis.json");
  } catch (error) {
    if (!(error instanceof CodedError) || error.code !== "INVALID_INPUT") throw error;
    return { at: (error as CodedError<{ code: string; at: string }>).detail.at, message: error.message };
  }
  return expect.fail("was accepted");
}

describe("genesis", () => {
  it("is parsed complete, with an account's defaults filled in", () => {
    const genesis = parseGenesis(JSON.parse(JSON.stringify(genesisJson())), "genesis.json");
    expect(genesis.alloc[`0x${"a".repeat(40)}`]).toEqual({
      balanceWei: "1000000000000000000000",
      nonce: 0,
      code: "0x",
      storage: {},
    });
    expect(parseGenesis(genesis, "again")).toEqual(genesis);
  });

  it.each<[string, unknown]>([
    ["schema", "sheaf.genesis/2"],
    ["name", "Chain A"],
    ["name", ""],
    ["name", `a${"b".repeat(63)}`],
    ["chainId", 0],
    ["chainId", 2 ** 31],
    ["chainId", "1337"],
    ["chainId", undefined],
    ["timestampMs", -1],
    ["timestampMs", 1.5],
    ["timestampMs", Number.MAX_SAFE_INTEGER],
    ["consensus.blockPeriodMs", 0],
    ["consensus.blockPeriodMs", Number.NaN],
    ["consensus.emptyBlockPeriodMs", 999],
    ["consensus.roundTimeoutFactor", 0.9],
    ["consensus.roundTimeoutFactor", Number.POSITIVE_INFINITY],
    ["consensus.maxRoundTimeoutMs", 3_999],
    ["limits.transactionsPerBlock", 0],
    ["limits.transactionsPerBlock", 100_001],
    ["limits.gasPerBlock", 20_999],
    ["limits.blockBytes", 1_023],
    ["limits.transactionBytes", 2 ** 21],
    ["limits.transactionBytes", 1_048_576],
    ["baseFeePerGasWei", 0],
    ["baseFeePerGasWei", "-1"],
    ["baseFeePerGasWei", "01"],
    ["baseFeePerGasWei", "1e9"],
    ["validators", []],
    ["validators.0.address", HIGH],
    ["validators.0.address", "0x1234"],
    ["validators.3.weight", 0],
    ["validators.3.weight", 1.5],
    ["validators.2.tlsKeyHash", "0x"],
    ["authorityCertificate", "MIIB"],
    [`${ACCOUNT}.balanceWei`, 5],
    [`${ACCOUNT}.balanceWei`, "9".repeat(78)],
    [`${ACCOUNT}.nonce`, -1],
    [`${ACCOUNT}.code`, "0x123"],
    [`${ACCOUNT}.code`, "6001"],
    [`${ACCOUNT}.storage`, { "0x00": `0x${"1".repeat(64)}` }],
    [`${ACCOUNT}.storage`, { [`0x${"1".repeat(64)}`]: "0x1" }],
    [`alloc.${HIGH}`, { balanceWei: "1" }],
  ])("names %s when it is %j", (path, value) => {
    const { at, message } = refusal(changed(genesisJson(), path, value));
    expect(at.startsWith(`genesis.json: ${path}`)).toBe(true);
    expect(message.startsWith(`${at}: `)).toBe(true);
  });

  it.each([
    ["extra", "extra"],
    ["consensus.extra", "extra"],
    ["limits.gasLimit", "gasLimit"],
    ["validators.0.enode", "enode"],
    [`${ACCOUNT}.balance`, "balance"],
  ])("refuses the unknown key %s by its name", (path, key) => {
    expect(refusal(changed(genesisJson(), path, "1")).message).toContain(key);
  });

  it("says what an account's key must be", () => {
    expect(refusal(changed(genesisJson(), `alloc.${HIGH}`, {})).message).toContain(
      "40 lower-case hex digits",
    );
  });

  it("names the file alone when the whole is no genesis", () => {
    for (const json of [null, 7, "text", [], undefined]) expect(refusal(json).at).toBe("genesis.json");
  });

  it("refuses two validators of one address or one TLS key", () => {
    const [first] = genesisJson().validators;
    for (const field of ["address", "tlsKeyHash"] as const) {
      const { at, message } = refusal(changed(genesisJson(), `validators.1.${field}`, first?.[field]));
      expect(at).toBe("genesis.json: validators");
      expect(message).toContain(field);
    }
  });
});

describe("the chain's identity [STATE.1]", () => {
  it("is Keccak-256 of JSON with sorted keys and no white space", () => {
    const genesis = { b: [{ z: 1, a: "ü" }], a: { 10: true, 9: null } } as unknown as Genesis;
    const text = '{"a":{"10":true,"9":null},"b":[{"a":"ü","z":1}]}';
    expect(bytesToHex(genesisHash(genesis))).toBe(bytesToHex(keccak256(new TextEncoder().encode(text))));
  });

  it("does not depend on the order of keys, nor on defaults being written out", () => {
    const expected = hash(genesisJson());
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (order) => {
        expect(hash(reordered(genesisJson(), () => order.next().value as number))).toBe(expected);
      }),
      { numRuns: 30 },
    );
    expect(hash(changed(genesisJson(), `${ACCOUNT}.nonce`, 0))).toBe(expected);
    expect(hash(JSON.parse(JSON.stringify(genesisJson(), null, 2)))).toBe(expected);
  });

  it("changes with every field, and with the order of validators", () => {
    const json = genesisJson();
    const variants = [
      json,
      changed(json, "name", "chain-b"),
      changed(json, "chainId", 1_338),
      changed(json, "timestampMs", 0),
      changed(json, "consensus.roundTimeoutFactor", 2),
      changed(json, "limits.transactionsPerBlock", 451),
      changed(json, "baseFeePerGasWei", "1"),
      changed(json, "validators.0.weight", 2),
      changed(json, `${ACCOUNT}.balanceWei`, "1"),
      changed(json, "validators", [...json.validators].reverse()),
    ];
    expect(new Set(variants.map(hash)).size).toBe(variants.length);
  });

  describe("with epochs", () => {
    const contract = `0x${"b".repeat(40)}`;
    const withEpochs = (epochs: unknown): unknown => ({ ...genesisJson(), epochs });

    it("has a hash of its own, and without them the one it always had [EPOCH.1] [STATE.1]", () => {
      const plain = parseGenesis(genesisJson(), "genesis.json");
      expect("epochs" in plain).toBe(false);
      // of this genesis before epochs were thought of
      expect(hash(genesisJson())).toBe("0xe152108abe19000275fc104e7d124bfb5111f0e4047a4b43bc2dc0f5693c53d3");
      expect(hash(withEpochs(undefined))).toBe(hash(genesisJson()));
      const hashes = [1, 2].map((blocks) => hash(withEpochs({ contract, blocks })));
      expect(new Set([...hashes, hash(genesisJson())]).size).toBe(3);
    });

    it.each<[string, unknown]>([
      ["epochs.blocks", { contract, blocks: 0 }],
      ["epochs.blocks", { contract, blocks: 1.5 }],
      ["epochs.contract", { contract: "0x12", blocks: 1 }],
      ["epochs.contract", { blocks: 1 }],
      ["epochs", { contract, blocks: 1, surprise: 1 }],
      ["epochs.contract", { contract: `0x${"a".repeat(40)}`, blocks: 1 }],
      ["epochs.contract", { contract: `0x${"c".repeat(40)}`, blocks: 1 }],
    ])("refuses a bad %s: %j [EPOCH.1]", (at, epochs) => {
      expect(refusal(withEpochs(epochs)).at).toContain(at);
    });
  });
});

/** A copy with the keys of every object in an order that `draw` gives. */
function reordered(value: unknown, draw: () => number): unknown {
  if (Array.isArray(value)) return value.map((item) => reordered(item, draw));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]) => ({ rank: draw(), entry: [key, reordered(item, draw)] as const }))
      .sort((a, b) => a.rank - b.rank)
      .map(({ entry }) => entry),
  );
}
