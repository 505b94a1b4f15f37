import { describe, expect, it } from "vitest";
import { faultsTolerated, quorumSize } from "../src/index.ts";

const sizes = Array.from({ length: 300 }, (_, index) => index + 1);

describe("quorums", () => {
  it("tolerate one of four, two of seven, three of ten [QUORUM.1]", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 10, 13].map(faultsTolerated)).toEqual([0, 0, 0, 1, 1, 1, 2, 3, 4]);
  });

  it("are the least that must share a correct validator [QUORUM.2]", () => {
    for (const n of sizes) {
      const q = quorumSize(n);
      expect(2 * q - n).toBeGreaterThan(faultsTolerated(n));
      expect(2 * (q - 1) - n).toBeLessThanOrEqual(faultsTolerated(n));
      expect(q).toBe(Math.ceil((2 * n) / 3));
    }
  });

  it("are never more than the correct validators [QUORUM.3]", () => {
    for (const n of sizes) expect(quorumSize(n)).toBeLessThanOrEqual(n - faultsTolerated(n));
  });
});
