import { createHash } from "node:crypto";
import { bytesToHex, concatBytes, createRandom, type Hex, hexToBytes } from "@sheaf/base";
import { keccak256, transactionsDigest } from "@sheaf/protocol";
import { describe, expect, it } from "vitest";
import type { Receipt, StateChanges } from "../../src/ports.ts";
import { EMPTY_CODE_HASH } from "../../src/state/account.ts";
import { genesisBlock, genesisChanges } from "../../src/state/genesis-state.ts";
import { decodeReceipts, encodeReceipts, receiptsDigest } from "../../src/state/receipt-encoding.ts";
import { stateDigest } from "../../src/state/state-digest.ts";
import { createMemoryChainStore } from "../../src/store/open-chain-store.ts";
import { randomBlock, storeGenesis } from "../../src/store/suite/random-blocks.ts";

const sha256 = (hex: string): Hex =>
  `0x${createHash("sha256").update(Buffer.from(hex, "hex")).digest("hex")}`;
const [A, B] = ["0a", "0b"].map((byte): Hex => `0x${byte.repeat(20)}`) as [Hex, Hex];
const SLOT: Hex = `0x${"05".repeat(32)}`;
const PARENT: Hex = `0x${"77".repeat(32)}`;

describe("the state digest", () => {
  it("is sha256 of the parent's digest and the changes as the specification writes them [STATE.2]", () => {
    const changes: StateChanges = {
      accounts: [
        [A, { nonce: 2n, balance: 258n, codeHash: EMPTY_CODE_HASH }],
        [B, undefined],
      ],
      storage: [
        [A, SLOT, hexToBytes(`0x${"03".repeat(32)}`)],
        [B, SLOT, undefined],
      ],
      code: [[PARENT, Uint8Array.of(1)]],
    };
    const expected = [
      "77".repeat(32),
      ...["01", "0a".repeat(20), "0000000000000002", `${"00".repeat(30)}0102`, EMPTY_CODE_HASH.slice(2)],
      ...["02", "0b".repeat(20)],
      ...["03", "0a".repeat(20), "05".repeat(32), "03".repeat(32)],
      ...["04", "0b".repeat(20), "05".repeat(32)],
    ];
    expect(stateDigest(PARENT, changes)).toBe(sha256(expected.join("")));
  });

  it("of genesis stands on the genesis hash and the whole alloc [STATE.1] [STATE.2]", () => {
    const genesis = storeGenesis();
    const { block, result } = genesisBlock(genesis);
    expect(result.stateDigest).toBe(stateDigest(block.hash, genesisChanges(genesis)));
    expect(genesisChanges(genesis).accounts).toHaveLength(2);
    expect(genesisChanges(genesis).storage).toHaveLength(1);
  });

  it("is refused for storage that no code could read [STATE.10]", () => {
    const alloc = { [A]: { balanceWei: "1", nonce: 0, code: "0x", storage: { [SLOT]: SLOT } } };
    expect(() => genesisChanges({ ...storeGenesis(), alloc })).toThrow(/has no storage/);
  });
});

describe("the receipts digest", () => {
  const receipt: Receipt = {
    transactionHash: PARENT,
    type: 2,
    sender: A,
    to: B,
    contractAddress: undefined,
    succeeded: true,
    gasUsed: 256n,
    cumulativeGasUsed: 256n,
    effectiveGasPrice: 7n,
    logs: [{ address: B, topics: [SLOT], data: Uint8Array.of(9, 8) }],
  };

  it("is sha256 of the receipts as the specification writes them [STATE.4]", () => {
    const expected = [
      ...["00000001", "0e", "77".repeat(32), "0a".repeat(20), "0b".repeat(20), "0000000000000100"],
      ...[`${"00".repeat(31)}07`, "00000001", "0b".repeat(20), "01", "05".repeat(32), "00000002", "0908"],
    ];
    expect(receiptsDigest([receipt])).toBe(sha256(expected.join("")));
    expect(receiptsDigest([])).toBe(sha256("00000000"));
  });

  it("differs when anything in a receipt differs", () => {
    const others: Receipt[] = [
      { ...receipt, transactionHash: SLOT },
      { ...receipt, type: 1 },
      { ...receipt, sender: B },
      { ...receipt, to: undefined },
      { ...receipt, to: undefined, contractAddress: B },
      { ...receipt, succeeded: false },
      { ...receipt, gasUsed: 255n },
      { ...receipt, effectiveGasPrice: 8n },
      { ...receipt, logs: [] },
      { ...receipt, logs: [{ address: B, topics: [], data: Uint8Array.of(9, 8) }] },
    ];
    const digests = [receipt, ...others].map((one) => receiptsDigest([one]));
    expect(new Set(digests).size).toBe(digests.length);
  });

  it("is over bytes that give the receipts back", () => {
    const store = createMemoryChainStore(storeGenesis());
    for (let seed = 0; seed < 50; seed++) {
      const { receipts } = randomBlock(store, `receipts ${seed}`, seed).executed;
      expect(decodeReceipts(encodeReceipts(receipts))).toEqual(receipts);
    }
  });
});

describe("the transactions digest", () => {
  it("is keccak256 over the hashes, in order [STATE.5]", () => {
    const random = createRandom("hashes");
    const hashes = Array.from({ length: 3 }, () => bytesToHex(random.bytes(32)));
    expect(transactionsDigest(hashes)).toBe(bytesToHex(keccak256(concatBytes(...hashes.map(hexToBytes)))));
    expect(transactionsDigest([...hashes].reverse())).not.toBe(transactionsDigest(hashes));
  });
});
