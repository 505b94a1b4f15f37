import { describe, expect, it } from "vitest";
import { verifyCommitCertificate } from "../src/index.ts";
import { CHAIN, certificate, createDesk, prepare, value } from "./steps/desk.ts";

const v = value(1);

describe("a commit certificate [COMMIT.2] [COMMIT.4]", () => {
  const desk = createDesk(4, 0);
  const good = certificate(desk, [0, 2, 3], v);
  const verify = (changed: Partial<typeof good>, chain = CHAIN) =>
    verifyCommitCertificate({ ...good, ...changed }, desk.validators, chain, desk.ports);

  it("holds with the seals of a quorum, or of all", () => {
    expect(verify({})).toMatchObject({
      valid: true,
      signers: [0, 2, 3].map((index) => desk.validators[index]?.address),
    });
    expect(verify(certificate(desk, [0, 1, 2, 3], v))).toMatchObject({ valid: true });
  });

  it.each([
    ["too few seals", certificate(desk, [0, 2], v), "TOO_FEW_SEALS"],
    ["a seal twice", certificate(desk, [0, 2, 2], v), "DUPLICATE_SEAL"],
    ["more seals than validators", certificate(desk, [0, 1, 2, 3, 0], v), "DUPLICATE_SEAL"],
    ["a stranger's seal", certificate(desk, [0, 2, 7], v), "BAD_SEAL"],
    ["another digest", { digest: value(2).digest }, "BAD_SEAL"],
    ["another height", { height: 2 }, "BAD_SEAL"],
    ["another round", { round: 1 }, "BAD_SEAL"],
    ["prepares for seals", { seals: [0, 2, 3].map((each) => prepare(desk, each, v).signature) }, "BAD_SEAL"],
  ] as const)("fails with %s", (_, changed, code) => {
    expect(verify(changed)).toEqual({ valid: false, code });
  });

  it("fails on another chain", () => {
    expect(verify({}, CHAIN.toReversed())).toEqual({ valid: false, code: "BAD_SEAL" });
  });
});
