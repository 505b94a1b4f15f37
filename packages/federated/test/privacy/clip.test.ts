import { createRandom } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { clipL2, l2Norm } from "../../src/index.ts";

describe("clipping [PRIVACY.1]", () => {
  it("never leaves more than the norm, keeps the direction, and leaves short updates alone", () => {
    const random = createRandom("clip");
    for (let i = 0; i < 300; i++) {
      const scale = 10 ** (random.int(12) - 6);
      const update = Float32Array.from({ length: 1 + random.int(200) }, () => (random.float() - 0.5) * scale);
      const clip = scale * (0.01 + 3 * random.float());
      const { clipped, norm } = clipL2(update, clip);
      expect(norm).toBe(l2Norm(update));
      expect(l2Norm(clipped)).toBeLessThanOrEqual(clip);
      if (norm <= clip) expect(clipped).toEqual(update);
      else {
        expect(l2Norm(clipped)).toBeGreaterThan(clip * (1 - 1e-6));
        const cosine =
          update.reduce((sum, value, j) => sum + value * (clipped[j] as number), 0) /
          (norm * l2Norm(clipped));
        expect(cosine).toBeCloseTo(1, 6);
      }
    }
  });

  it("does not change or share its argument", () => {
    const update = Float32Array.of(3, 4);
    expect(clipL2(update, 1).norm).toBe(5);
    expect(update).toEqual(Float32Array.of(3, 4));
    expect(clipL2(update, 10).clipped).not.toBe(update);
  });

  it("refuses what has no norm, however large numbers may be", () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => clipL2(Float32Array.of(1, bad), 1)).toThrowError(
        expect.objectContaining({ code: "UPDATE_NOT_FINITE" }),
      );
    }
    expect(l2Norm(clipL2(Float32Array.of(3e38, -3e38), 1).clipped)).toBeLessThanOrEqual(1);
    expect(() => clipL2(Float32Array.of(1), 0)).toThrowError(
      expect.objectContaining({ code: "INVALID_INPUT" }),
    );
  });
});
