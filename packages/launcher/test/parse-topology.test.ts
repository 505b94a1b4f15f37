import { readdirSync, readFileSync } from "node:fs";
import { CodedError } from "@sheaf/base";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { overrideTopology, parseTopology, planChains, readTopology, topologySchema } from "../src/index.ts";

const AA = '"0x00000000000000000000000000000000000000aa"';
const WORD = `"0x${"0".repeat(63)}1"`;
const HEAD = "schema: sheaf.network/1\nchains:\n";

function failure(action: () => unknown): CodedError {
  try {
    action();
  } catch (error) {
    if (error instanceof CodedError) return error;
  }
  return expect.unreachable("should have been refused");
}

describe("bad topology files name the file, the line and the field", () => {
  test.each<[string, string, string, RegExp]>([
    ["not YAML", "schema: [sheaf", "x.yaml:1", /not valid YAML/],
    ["wrong indentation", `${HEAD}  - name: a\n   validators: 4\n`, "x.yaml:4", /not valid YAML/],
    ["a key twice", `${HEAD}  - name: a\n    name: b\n`, "x.yaml:4", /not valid YAML/],
    ["empty file", "", "x.yaml:1", /must be a block of fields/],
    [
      "other schema",
      "schema: other/2\nchains: [{ name: a }]\n",
      "x.yaml:1: schema",
      /must be sheaf.network\/1/,
    ],
    ["no chains", "schema: sheaf.network/1\n", "x.yaml:1: chains", /is missing/],
    ["empty chains", "schema: sheaf.network/1\nchains: []\n", "x.yaml:2: chains", /at least 1 entry/],
    ["a chain that is a number", `${HEAD}  - 4\n`, "x.yaml:3: chains[0]", /must be a block of fields, not 4/],
    ["no name", `${HEAD}  - validators: 4\n`, "x.yaml:3: chains[0].name", /is missing/],
    ["unknown key", `${HEAD}  - name: a\n    validatrs: 4\n`, "x.yaml:4: chains[0].validatrs", /unknown key/],
    [
      "unknown key in depth",
      `${HEAD}  - name: a\n    protocol:\n      blockPeriodMs: 500\n      gas: 1\n`,
      "x.yaml:6: chains[0].protocol.gas",
      /unknown key/,
    ],
    [
      "unknown key beside endpoints",
      `${HEAD}  - name: a\n    endpoints: ["http://h:1"]\n    validators: 4\n`,
      "x.yaml:5: chains[0].validators",
      /unknown key/,
    ],
    [
      "no validators",
      `${HEAD}  - name: a\n    validators: 0\n`,
      "x.yaml:4: chains[0].validators",
      /at least 1, not 0/,
    ],
    [
      "negative count",
      `${HEAD}  - name: a\n    validators: -4\n`,
      "x.yaml:4: chains[0].validators",
      /at least 1, not -4/,
    ],
    [
      "half a validator",
      `${HEAD}  - name: a\n    validators: 2.5\n`,
      "x.yaml:4: chains[0].validators",
      /whole number, not 2.5/,
    ],
    [
      "text for a count",
      `${HEAD}  - name: a\n    validators: four\n`,
      "x.yaml:4: chains[0].validators",
      /must be a number, not "four"/,
    ],
    [
      "negative period",
      `${HEAD}  - name: a\n    protocol: { blockPeriodMs: -1 }\n`,
      "x.yaml:4: chains[0].protocol.blockPeriodMs",
      /at least 1/,
    ],
    [
      "empty blocks too early",
      `${HEAD}  - name: a\n    protocol: { blockPeriodMs: 5000 }\n`,
      "x.yaml:4: chains[0].protocol",
      /emptyBlockPeriodMs|less than/,
    ],
    [
      "unquoted address",
      `${HEAD}  - name: a\n    alloc: { 0x00000000000000000000000000000000000000aa: "1" }\n`,
      "x.yaml:4: chains[0].alloc",
      /in quotes/,
    ],
    [
      "a balance that is none",
      `${HEAD}  - name: a\n    alloc: { ${AA}: some }\n`,
      `x.yaml:4: chains[0].alloc.${AA.slice(1, -1)}`,
      /whole number of wei/,
    ],
    [
      "an account with a balance that is none",
      `${HEAD}  - name: a\n    alloc:\n      ${AA}:\n        balanceWei: some\n`,
      `x.yaml:6: chains[0].alloc.${AA.slice(1, -1)}.balanceWei`,
      /whole number of wei/,
    ],
    [
      "an account with an unknown key",
      `${HEAD}  - name: a\n    alloc:\n      ${AA}: { kode: "0x" }\n`,
      `x.yaml:5: chains[0].alloc.${AA.slice(1, -1)}.kode`,
      /unknown key/,
    ],
    [
      "code that is none",
      `${HEAD}  - name: a\n    alloc:\n      ${AA}: { code: "0x123" }\n`,
      `x.yaml:5: chains[0].alloc.${AA.slice(1, -1)}.code`,
      /pairs of hex digits/,
    ],
    [
      "storage without code",
      `${HEAD}  - name: a\n    alloc:\n      ${AA}: { storage: { ${WORD}: ${WORD} } }\n`,
      `x.yaml:5: chains[0].alloc.${AA.slice(1, -1)}.storage`,
      /account without code/,
    ],
    [
      "epochs of no block",
      `${HEAD}  - name: a\n    epochs: { contract: ${AA}, blocks: 0 }\n`,
      "x.yaml:4: chains[0].epochs.blocks",
      /at least 1/,
    ],
    [
      "epochs without a contract",
      `${HEAD}  - name: a\n    epochs: { blocks: 5 }\n`,
      "x.yaml:4: chains[0].epochs",
      /missing/,
    ],
    [
      "a contract of epochs without code [EPOCH.1]",
      `${HEAD}  - name: a\n    alloc: { ${AA}: "5" }\n    epochs: { contract: ${AA}, blocks: 5 }\n`,
      "x.yaml:5: chains[0].epochs.contract",
      /0x0+aa has no code in alloc/,
    ],
    [
      "negative balance",
      `${HEAD}  - name: a\n    baseFeePerGasWei: -1\n`,
      "x.yaml:4: chains[0].baseFeePerGasWei",
      /at least 0/,
    ],
    [
      "weights of another count",
      `${HEAD}  - name: a\n    weights: [1, 2]\n`,
      "x.yaml:4: chains[0].weights",
      /2 entries for 4 validators/,
    ],
    ["too many down", `${HEAD}  - name: a\n    down: [0, 1]\n`, "x.yaml:4: chains[0].down", /quorum/],
    [
      "down that is not there",
      `${HEAD}  - name: a\n    down: [4]\n`,
      "x.yaml:4: chains[0].down[0]",
      /no validator 4/,
    ],
    [
      "two chains of one name",
      `${HEAD}  - name: a-1\n  - name: a\n    replicas: 2\n`,
      "x.yaml:4: chains[1].name",
      /a-1 stands for two/,
    ],
    [
      "ports that meet",
      `${HEAD}  - name: a\n    rpcPort: 8545\n  - name: b\n    rpcPort: 8548\n`,
      "x.yaml:6: chains[1].rpcPort",
      /meets another/,
    ],
    [
      "ports beyond the last",
      `${HEAD}  - name: a\n    rpcPort: 65534\n`,
      "x.yaml:4: chains[0].rpcPort",
      /65537/,
    ],
    [
      "endpoint that is no address",
      `${HEAD}  - name: a\n    endpoints: [localhost]\n`,
      "x.yaml:4: chains[0].endpoints[0]",
      /http:\/\//,
    ],
    [
      "fewer websockets",
      `${HEAD}  - name: a\n    endpoints: ["http://h:1"]\n    websockets: []\n`,
      "x.yaml:5: chains[0].websockets",
      /0 entries for 1/,
    ],
    [
      "unknown region",
      `${HEAD}  - name: a\n    links:\n      placement: [x]\n      routes:\n        - { between: [x, z], delayMs: 1 }\n`,
      "x.yaml:7: chains[0].links.routes[0].between[1]",
      /no validator is placed in z/,
    ],
    [
      "no route",
      `${HEAD}  - name: a\n    links:\n      placement: [x, y]\n`,
      "x.yaml:4: chains[0].links",
      /no route between x and y/,
    ],
    [
      "loss above one",
      `${HEAD}  - name: a\n    links:\n      placement: [x]\n      within: { loss: 2 }\n`,
      "x.yaml:6: chains[0].links.within.loss",
      /at most 0.9/,
    ],
  ])("%s", (_, text, at, problem) => {
    const error = failure(() => parseTopology(text, "x.yaml"));
    expect(error.code).toBe("INVALID_INPUT");
    expect((error.detail as { at?: string }).at).toMatch(new RegExp(`^${at.replace(/[.[\]]/g, "\\$&")}`));
    expect(error.message).toMatch(problem);
    expect(error.message).not.toMatch(/\n|undefined|Invalid input/);
  });

  test("an unknown key comes with the keys of the kind of chain that was meant", () => {
    const error = failure(() =>
      parseTopology(`${HEAD}  - name: a\n    validatrs: 4\n    down: []\n`, "x.yaml"),
    );
    expect(error.advice).toContain("validators");
    expect(error.advice).not.toContain("endpoints");
  });

  test("a file that is not there", async () => {
    await expect(readTopology("networks/none.yaml")).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});

describe("the files of networks/", () => {
  const folder = new URL("../../../networks/", import.meta.url);
  test.each(readdirSync(folder))("%s is valid and says what it is for", (file) => {
    const topology = parseTopology(readFileSync(new URL(file, folder), "utf8"), file);
    expect(topology.description).not.toBe("");
    expect(planChains(topology).length).toBeGreaterThan(0);
  });

  test("three sub-chains have exactly the limits of the single chain", () => {
    const read = (file: string) =>
      planChains(parseTopology(readFileSync(new URL(file, folder), "utf8"), file));
    const [single] = read("single-chain.yaml");
    const multi = read("multi-chain.yaml");
    expect(multi.map(({ name }) => name)).toEqual(["chain-1", "chain-2", "chain-3"]);
    for (const chain of multi)
      expect({ ...chain, name: "", chainId: 0 }).toEqual({ ...single, name: "", chainId: 0 });
  });
});

describe("plan", () => {
  test("chain ids are distinct, chosen ones are kept", () => {
    const text = `${HEAD}  - name: a\n    replicas: 2\n  - name: b\n    chainId: 84002\n    replicas: 2\n  - name: c\n`;
    const ids = planChains(parseTopology(text, "x.yaml")).map((chain) => chain.chainId);
    expect(ids.slice(2, 4)).toEqual([84_002, 84_003]);
    expect(new Set(ids).size).toBe(5);
  });

  test("links come from regions, then from pairs, in the direction meant", () => {
    const text = `${HEAD}  - name: a
    links:
      placement: [x, y]
      within: { delayMs: 1 }
      routes: [{ between: [y, x], delayMs: 50, loss: 0.01 }]
      pairs:
        - { between: [0, 1], delayMs: 70 }
        - { between: [2, 3], delayMs: 90, oneWay: true }
`;
    const [plan] = planChains(parseTopology(text, "x.yaml"));
    const delays = plan?.kind === "local" ? plan.links.map((row) => row.map(({ delayMs }) => delayMs)) : [];
    expect(delays).toEqual([
      [0, 70, 1, 50],
      [70, 0, 50, 1],
      [1, 50, 0, 90],
      [50, 1, 50, 0],
    ]);
  });
});

describe("overrides", () => {
  const single = parseTopology(`${HEAD}  - name: a\n    weights: [1, 1, 1, 1]\n`, "x.yaml");

  test("chains and validators take the place of what the file says", () => {
    const base = parseTopology(`${HEAD}  - name: a\n`, "x.yaml");
    const plans = planChains(overrideTopology(base, { chains: 2, validators: 7 }));
    expect(plans.map(({ name }) => name)).toEqual(["a-1", "a-2"]);
    expect(plans.every((plan) => plan.kind === "local" && plan.validators === 7)).toBe(true);
    expect(overrideTopology(base, {})).toBe(base);
  });

  test.each<[string, { chains?: number; validators?: number }, string]>([
    ["no chains", { chains: 0 }, "--chains"],
    ["negative validators", { chains: 2, validators: -1 }, "--validators"],
    ["half a chain", { chains: 1.5 }, "--chains"],
    ["weights that no longer fit", { validators: 7 }, "--validators: chains[0].weights"],
  ])("%s", (_, overrides, at) => {
    const error = failure(() => overrideTopology(single, overrides));
    expect(error.detail).toMatchObject({ code: "INVALID_INPUT", at });
  });

  test("chains that differ, or run already, cannot be repeated", () => {
    const two = parseTopology(`${HEAD}  - name: a\n  - name: b\n`, "x.yaml");
    const external = parseTopology(`${HEAD}  - name: a\n    endpoints: ["http://h:1"]\n`, "x.yaml");
    expect(failure(() => overrideTopology(two, { chains: 2 })).code).toBe("INVALID_INPUT");
    expect(failure(() => overrideTopology(external, { validators: 2 })).code).toBe("INVALID_INPUT");
  });
});

test("the sample in the README is valid", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const sample = /```yaml\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const plans = planChains(parseTopology(sample, "README.md"));
  expect(plans.map(({ name }) => name)).toEqual(["meters-1", "meters-2", "meters-3", "archive", "existing"]);
});

test("every field of a topology is documented", () => {
  const missing: string[] = [];
  const visit = (schema: Record<string, unknown>, path: string): void => {
    for (const [key, value] of Object.entries(
      (schema["properties"] ?? {}) as Record<string, Record<string, unknown>>,
    )) {
      if (typeof value["description"] !== "string") missing.push(`${path}.${key}`);
      visit(value, `${path}.${key}`);
    }
    const inner = [schema["items"], ...((schema["anyOf"] ?? []) as unknown[])];
    for (const each of inner)
      if (each !== null && typeof each === "object") visit(each as Record<string, unknown>, path);
  };
  visit(
    z.toJSONSchema(topologySchema, { io: "input", unrepresentable: "any" }) as Record<string, unknown>,
    "",
  );
  expect(missing).toEqual([]);
});
