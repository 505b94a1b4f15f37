import { statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CodedError, errorCode, errorMessage, invalidInput, invariant } from "../src/index.ts";

const thrownBy = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("errors", () => {
  it("carry code, detail, advice and cause", () => {
    const cause = new RangeError("below");
    const error = new CodedError(
      "pool is full",
      { code: "POOL_FULL", limit: 3 },
      { advice: "send less", cause },
    );
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.code, error.message, error.advice]).toEqual([
      "CodedError",
      "POOL_FULL",
      "pool is full",
      "send less",
    ]);
    expect(error.detail.limit).toBe(3);
    expect(error.cause).toBe(cause);
    const bare = new CodedError("x", { code: "X" });
    expect([bare.advice, "cause" in bare]).toEqual([undefined, false]);
  });

  it("name the place of bad input first", () => {
    const error = invalidInput("chain.yaml: rate", "must be positive", "write --rate 100");
    expect(error.detail).toEqual({ code: "INVALID_INPUT", at: "chain.yaml: rate" });
    expect(error.message).toBe("chain.yaml: rate: must be positive");
    expect(error.advice).toBe("write --rate 100");
    expect(invalidInput("x", "y").advice).toBeUndefined();
  });

  it("raise INVARIANT only where the condition fails", () => {
    expect(() => invariant(1 < 2, "order")).not.toThrow();
    const error = thrownBy(() => invariant(0, "height above zero"));
    expect((error as CodedError).detail).toEqual({ code: "INVARIANT", what: "height above zero" });
  });

  it("are told apart by errorCode: ours, Node's, and none", () => {
    const noFile = thrownBy(() => statSync("no such file"));
    expect(errorCode(new CodedError("x", { code: "X" }))).toBe("X");
    expect(errorCode(noFile)).toBe("ENOENT");
    for (const other of [
      new RangeError("r"),
      Object.assign(new RangeError("r"), { code: 7 }),
      "text",
      null,
    ]) {
      expect(errorCode(other)).toBeUndefined();
    }
  });

  it("have a message whatever was thrown", () => {
    expect([errorMessage(new RangeError("r")), errorMessage("text"), errorMessage(null)]).toEqual([
      "r",
      "text",
      "null",
    ]);
  });
});
