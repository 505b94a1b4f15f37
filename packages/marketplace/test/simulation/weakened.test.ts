import { describe, expect, it } from "vitest";
import { encodeBody } from "../../src/agents/messages/codec.ts";
import type { AgentOutput } from "../../src/agents/ports.ts";
import { checkMarket } from "./check-market.ts";
import { crash } from "./ended.ts";
import { playMarket, type Weakness } from "./market.ts";
import { type Mode, tinySpec } from "./orders.ts";
import { calmProfile, type Fault, type Profile } from "./profile.ts";
import { type InputChanges, rewriteInput } from "./sign-input.ts";
import { SCOPE, type Tamper } from "./sim-host.ts";

/** The kinds of violations that the checks find. */
async function found(
  mode: Mode,
  weaken: Weakness,
  faults: readonly Fault[] = [],
  change: Partial<Profile> = {},
): Promise<readonly string[]> {
  const played = await playMarket({ ...calmProfile("weakened", mode), faults, ...change }, weaken);
  return [...new Set((await checkMarket(played)).map(({ kind }) => kind))];
}

const without =
  (...methods: readonly string[]): Tamper =>
  (output) =>
    output.type === "transact" && methods.includes(output.call.method) ? [] : [output];

const sending =
  (
    kind: string,
    change: (output: AgentOutput & { readonly type: "send" }) => readonly AgentOutput[],
  ): Tamper =>
  (output) =>
    output.type === "send" && output.kind === kind ? change(output) : [output];

/** Inputs with something changed in them, signed by those that send them. */
const rewriting =
  (changes: InputChanges): Tamper =>
  (output, self) => {
    if (output.type !== "send" || output.to === "*") return [output];
    const body = rewriteInput(self, { scope: SCOPE, analyst: output.to }, output, changes);
    return [{ ...output, body }];
  };

describe("the checks find", { timeout: 120_000 }, () => {
  it("nothing in a market that is as it should be", async () => {
    for (const mode of ["none", "secagg", "dp", "secagg+dp"] as const)
      expect(await found(mode, {})).toEqual([]);
  });

  it("a job without an end, when nobody leaves a state whose time is over", async () => {
    const idle = without("expire", "settle");
    const weaken = { tampers: { owner: idle, analyst: idle, consumer: idle } };
    const faults = [crash("analyst", 0, { before: "closeRound", nth: 1 })];
    expect(await found("none", weaken, faults, { analysts: 1 })).toEqual(["ending"]);
  });

  it("money that an agent leaves behind", async () => {
    expect(await found("none", { tampers: { owner: without("withdraw") } })).toEqual(["uncollected"]);
  });

  it("wei out of nothing", async () => {
    expect(await found("none", { paysTwice: true })).toEqual(["value"]);
  });

  it("an opened sum that is not what went in", async () => {
    const open = rewriting({
      update(body) {
        const values = new Float32Array(body.values.slice().buffer).map((value) => value + 0.01);
        return { ...body, values: new Uint8Array(values.buffer) };
      },
    });
    expect(await found("none", { tampers: { owner: open } })).toContain("sum");
    // one unit in the third byte of the first masked word: 2^16 steps of the rounding
    const masked = rewriting({
      masked(body) {
        const words = body.words.slice();
        const at = words.length - 4 * 18 + 2;
        words[at] = ((words[at] ?? 0) + 1) % 256;
        return { ...body, words };
      },
    });
    expect(await found("secagg", { tampers: { owner: masked } })).toContain("sum");
  });

  it("a single update that leaves its owner in the open, where it should be masked", async () => {
    let plain: Uint8Array | undefined;
    const leak: Tamper = (output) => {
      if (output.type === "audit" && output.name.startsWith("update-")) plain = output.bytes;
      if (output.type !== "send" || output.kind !== "round.confirm" || plain === undefined) return [output];
      return [
        output,
        { ...output, kind: "state.answer", body: encodeBody("state.answer", { state: plain }) },
      ];
    };
    expect(await found("secagg", { tampers: { owner: leak } })).toEqual(["secrecy"]);
  });

  it("an input whose masks are missing", async () => {
    let plain: Uint8Array | undefined;
    const unmasked = rewriting({
      masked(body) {
        const { bits, clip } = tinySpec("secagg").privacy.secagg ?? { bits: 16, clip: 1 };
        const steps = new Float32Array(plain?.slice().buffer ?? new ArrayBuffer(0)).map((value) =>
          Math.round((value * (2 ** (bits - 1) - 1)) / clip),
        );
        const words = body.words.slice();
        words.set(new Uint8Array(Int32Array.from(steps).buffer), words.length - 4 * (steps.length + 3));
        return { ...body, words };
      },
    });
    const bare: Tamper = (output, self) => {
      if (output.type === "audit" && output.name.startsWith("update-")) plain = output.bytes;
      return unmasked(output, self);
    };
    expect(await found("secagg", { tampers: { owner: bare } })).toContain("secrecy");
  });

  it("a model that was accepted and is not the one on chain", async () => {
    const other: Tamper = (output) => {
      if (output.type !== "save" || !output.key.startsWith("bulk/model/") || output.value === undefined)
        return [output];
      return [{ ...output, value: output.value.map((byte) => byte ^ 1) }];
    };
    expect(await found("none", { tampers: { consumer: other } })).toEqual(["model"]);
  });

  it("an honest analyst that is found guilty", async () => {
    const { training } = tinySpec("none");
    const spec = tinySpec("none", { training, quality: { minAccuracy: 1, maxLoss: 0 } });
    const silent = sending("transcript.answer", () => []);
    expect(await found("none", { tampers: { analyst: silent } }, [], { spec })).toEqual(["justice"]);
  });

  it("a job that is not done although nothing happened", async () => {
    expect(await found("secagg", { tampers: { owner: sending("round.keys", () => []) } })).toEqual(["calm"]);
  });

  it("a step that throws", async () => {
    const broken: Tamper = () => {
      throw new TypeError("broken");
    };
    expect(await found("none", { tampers: { owner: broken } })).toContain("defect");
  });

  it("what is not a function of the seed", async () => {
    let turn = 0;
    const noise = (): string => String(turn++);
    const profile = calmProfile("weakened", "none");
    const [once, again] = [await playMarket(profile, { noise }), await playMarket(profile, { noise })];
    expect(again.digest).not.toBe(once.digest);
  });
});
