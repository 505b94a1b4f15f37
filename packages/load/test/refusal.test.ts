import { describe, expect, it } from "vitest";
import { classifyRefusal, toRejection } from "../src/sending/refusal.ts";

describe("refusals", () => {
  it.each([
    ["already known", -32000, "known"],
    ["Known transaction", -32000, "known"],
    ["transaction already imported", -32003, "known"],
    ["Transaction with the same hash was already imported.", -32010, "known"],
    ["nonce too low: next nonce 5, tx nonce 4", -32000, "stale"],
    ["nonce too low", -32003, "stale"],
    ["replacement transaction underpriced", -32000, "stale"],
    ["nonce too high: tx nonce 9, gapped nonce 4", -32000, "busy"],
    ["txpool is full", -32000, "busy"],
    ["pool full", -32000, "busy"],
    ["sender full: 4096 transactions wait", -32000, "busy"],
    ["Too many requests", -32005, "busy"],
    ["batch limit exceeded", -32600, "busy"],
    ["insufficient funds for gas * price + value", -32000, "final"],
    ["Insufficient funds for gas * price + value", -32003, "final"],
    ["intrinsic gas too low: gas 1, minimum needed 21000", -32000, "final"],
    ["exceeds block gas limit", -32000, "final"],
    ["oversized data: transaction size 200000, limit 131072", -32000, "final"],
    ["invalid sender", -32000, "final"],
    ["operation failed to generate", -32000, "final"],
  ] as const)("%s means %s", (message, code, kind) => {
    expect(classifyRefusal({ code, message })).toBe(kind);
  });

  it("are counted by class: what differs from one transaction to the next is left out", () => {
    const a = toRejection({ code: -32000, message: "nonce too low: next nonce 5, tx nonce 4 of 0xab12" });
    const b = toRejection({ code: -32000, message: "nonce too low: next nonce 77, tx nonce 60 of 0xcd" });
    expect(a).toEqual(b);
    expect(a.message).toBe("nonce too low: next nonce #, tx nonce # of #");
  });
});
