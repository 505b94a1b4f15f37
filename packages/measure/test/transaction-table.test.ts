import { createRandom } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { createTransactionTable } from "../src/index.ts";

const hash = createRandom("h").bytes(32);
const signed = { chain: 1, sender: 2, nonce: 3, entryValidator: 1, hash };
const seen = { blockNumber: 9, success: true, firstMs: 5, quorumMs: 6, allMs: 7 };

describe("the transaction table", () => {
  it("[LOST.1] gives every row a status that is right at any moment", () => {
    const table = createTransactionTable();
    const row = table.add(signed);
    expect(table.status(row)).toBe("unsent");
    table.scheduled(row, 1);
    table.sent(row, 2);
    expect(table.status(row)).toBe("lost");
    table.accepted(row, 3);
    expect(table.status(row)).toBe("lost");
    table.rejected(row, 3, { code: -32000, message: "nonce too low" });
    expect(table.status(row)).toBe("rejected");
    table.sent(row, 4);
    expect(table.row(row)).toMatchObject({ status: "lost", sentMs: 2, rejection: null, rejectedMs: null });
    table.included(row, seen);
    expect(table.row(row)).toMatchObject({
      ...signed,
      status: "committed",
      blockNumber: 9,
      firstMs: 5,
      allMs: 7,
    });
    table.included(row, { ...seen, success: false });
    expect(table.status(row)).toBe("failed");
  });

  it("an inclusion overrides a rejection, before it or after it", () => {
    const table = createTransactionTable();
    const row = table.add(signed);
    table.sent(row, 1);
    table.included(row, seen);
    table.rejected(row, 8, { code: -32000, message: "already known" });
    expect(table.status(row)).toBe("committed");
  });

  it("keeps all rows while it grows, and stays small", () => {
    const table = createTransactionTable({ capacity: 16 });
    for (let i = 0; i < 5000; i++) {
      const row = table.add({ ...signed, nonce: i });
      table.rejected(row, i, { code: -32000, message: i % 2 === 0 ? "pool full" : "nonce too low" });
    }
    expect(table.length).toBe(5000);
    expect(table.rejections).toHaveLength(2);
    expect([...table.rows()].every((row) => row.nonce === row.index && row.hash[0] === hash[0])).toBe(true);
    expect(table.row(4999).rejection?.message).toBe("nonce too low");
    const bytes = Object.values(table.columns).reduce((sum, column) => sum + column.byteLength, 0);
    expect(bytes / table.length - 32).toBeLessThan(100);
  });

  it("refuses a row that does not exist and a hash of the wrong size", () => {
    const table = createTransactionTable();
    expect(() => table.row(0)).toThrowError(expect.objectContaining({ code: "INVARIANT" }));
    expect(() => table.add({ ...signed, hash: new Uint8Array(31) })).toThrowError(
      expect.objectContaining({ code: "INVARIANT" }),
    );
  });
});
