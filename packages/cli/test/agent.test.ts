import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hexToBytes } from "@sheaf/base";
import { privateKeyToAddress } from "@sheaf/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runProgram } from "../src/program.ts";
import { bench, endLeftovers, expectModel, type Started, startBench } from "./tool.ts";
import { hospitalsCsv, trainingText } from "./training-fixture.ts";

// A market set up by hand, as on separate machines: a chain, a broker, and each agent a process of its own.

let folder: string;
let network: string;
let rpc: string;
let market: string;
let broker: Started;
let brokerUrl: string;
const addresses: Record<string, string> = {};
const running: Started[] = [];

/** Runs a command that must succeed and gives its last line. */
async function must(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await bench(folder, ...words);
  expect(code, stderr).toBe(0);
  return stdout.trim().split("\n").at(-1) ?? "";
}

/** Runs a command in this process and gives its exit code and everything that it printed. */
async function attempt(
  ...words: string[]
): Promise<{ readonly code: number; readonly lines: readonly string[] }> {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  return { code: await runProgram(words, { out: write, err: write }), lines };
}

const onChain = (): readonly string[] => ["--rpc", rpc, "--market", market];
const at = (name: string): string => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sheaf-agents-"));
  network = `agents-${folder.slice(-6).toLowerCase()}`;
  await writeFile(at("empty"), "\n");
  for (const name of ["owner-0", "owner-1", "owner-2", "consumer", "stranger"])
    addresses[name] = await must("market", "key", `${name}.key`);
  await writeFile(
    at("market.yaml"),
    `schema: sheaf.network/1
description: a market of one's own
chains:
  - name: market
    validators: 4
    protocol: { blockPeriodMs: 300, emptyBlockPeriodMs: 600, transactionsPerBlock: 450, gasPerBlock: 60000000, blockBytes: 1048576, roundTimeoutMs: 4000 }
    alloc: { "${addresses["consumer"]}": "5000" }
`,
  );
  const up = JSON.parse(await must("network", "up", "./market.yaml", "--name", network, "--json")) as {
    readonly chains: readonly {
      readonly deployerKey: `0x${string}`;
      readonly endpoints: readonly { readonly rpcUrl: string; readonly keyFile: string }[];
    }[];
  };
  const chain = up.chains[0];
  const validator = chain?.endpoints[0];
  if (chain === undefined || validator === undefined) throw new TypeError("no chain");
  rpc = validator.rpcUrl;
  await writeFile(at("authority.key"), chain.deployerKey, { mode: 0o600 });
  const key = (await readFile(validator.keyFile, "utf8")).trim() as `0x${string}`;
  await writeFile(at("analyst.key"), key, { mode: 0o600 });
  addresses["analyst"] = privateKeyToAddress(hexToBytes(key));
  market = (
    JSON.parse(await must("market", "deploy", "--rpc", rpc, "--key", "authority.key")) as { market: string }
  ).market;
  broker = startBench(folder, ["market", "broker", "--port", "0"]);
  brokerUrl = /mqtt:\/\/\S+/.exec(await broker.shows(/mqtt:\/\/\S+\n/))?.[0] ?? "";

  const [head = "", ...rows] = hospitalsCsv(200)
    .replaceAll(/,(north|south|east|west|hospital)/g, "")
    .trim()
    .split("\n");
  for (const [index, name] of ["owner-0", "owner-1", "owner-2", "consumer"].entries()) {
    const own = rows.filter((_, row) => row % 4 === index);
    await writeFile(at(`${name}.csv`), `${[head, ...own].join("\n")}\n`);
  }
  await writeFile(at("training.yaml"), trainingText({ partition: "{ kind: iid }", more: "owners: 3\n" }));
}, 180_000);

afterAll(async () => {
  await endLeftovers();
  await bench(folder, "network", "down", network, "--remove");
  await rm(folder, { recursive: true, force: true });
}, 60_000);

describe("agents that are started one by one", () => {
  const license = (role: string, ...names: string[]) =>
    must(
      "market",
      "license",
      role,
      ...names.map((name) => addresses[name] ?? ""),
      ...onChain(),
      "--key",
      "authority.key",
    );

  const cases: readonly (readonly [string, () => readonly string[], RegExp])[] = [
    ["a role that is none", () => ["agent", "auditor", ...agent("stranger")], /"auditor" is no role/],
    [
      "a market that is no address",
      () => ["agent", "owner", ...agent("stranger"), "--market", "0x12"],
      /--market: "0x12" is no address/,
    ],
    [
      "an address without a market",
      () => ["agent", "owner", ...agent("stranger"), "--market", `0x${"11".repeat(20)}`],
      /market 0x1{40}: is no market on this chain/,
    ],
    [
      "an endpoint that is none",
      () => ["agent", "owner", ...agent("stranger"), "--rpc", "localhost"],
      /--rpc: "localhost" is no endpoint/,
    ],
    [
      "a key that is not there",
      () => ["agent", "owner", ...agent("nobody")],
      /--key .*nobody\.key: cannot be read \(ENOENT\)/,
    ],
    [
      "a key that is none",
      () => ["agent", "owner", ...agent("stranger"), "--key", at("training.yaml")],
      /holds no private key/,
    ],
    [
      "a broker's certificate that is none",
      () => {
        const file = at("training.yaml");
        return ["market", "broker", "--port", "0", "--cert", file, "--cert-key", file];
      },
      /broker\.tls: .*PEM/,
    ],
    [
      "an authority for clients without TLS",
      () => ["market", "broker", "--port", "0", "--ca", at("training.yaml")],
      /--ca: .* give --cert and --cert-key/,
    ],
    [
      "an empty password",
      () => ["market", "broker", "--port", "0", "--user", "u", "--password-file", at("empty")],
      /--password-file .*empty: is empty/,
    ],
    [
      "a mode of privacy that is the analyst's to choose",
      () => ["agent", "analyst", ...agent("stranger"), "--privacy", "none"],
      /--privacy: is not the analyst's to choose/,
    ],
    [
      "an account without a licence",
      () => ["agent", "owner", ...agent("stranger")],
      /account 0x[0-9a-f]{40} is not licensed as owner on this market: .*bench market license owner 0x/,
    ],
    [
      "a consumer that would be an analyst",
      () => ["agent", "analyst", ...agent("consumer")],
      /is not licensed as analyst/,
    ],
    [
      "nobody at the broker's address",
      () => ["agent", "consumer", ...agent("consumer"), "--broker", "mqtt://127.0.0.1:9"],
      /--broker: mqtt:\/\/127\.0\.0\.1:9/,
    ],
    [
      "a broker that is none",
      () => ["agent", "consumer", ...agent("consumer"), "--broker", "http://127.0.0.1"],
      /--broker: .*mqtt/,
    ],
    [
      "a password that is not there",
      () => ["agent", "consumer", ...agent("consumer"), "--password-file", at("none")],
      /--password-file .*none: cannot be read/,
    ],
    ["a consumer without data", () => ["agent", "consumer", ...agent("consumer")], /--data: is missing/],
    [
      "data that is not there",
      () => ["agent", "consumer", ...agent("consumer"), "--data", at("none.csv"), "--label", "outcome"],
      /none\.csv/,
    ],
    [
      "a benchmark for a training",
      () => ["agent", "consumer", ...agent("consumer"), ...table("consumer"), "--training", "multi-chain"],
      /is a benchmark/,
    ],
    [
      "a price of nothing",
      () => ["agent", "consumer", ...agent("consumer"), ...table("consumer"), "--price", "0"],
      /--price/,
    ],
    [
      "a licence for nobody",
      () => ["market", "license", "owner", "0x12", ...onChain(), "--key", at("authority.key")],
      /"0x12" is no address/,
    ],
    [
      "a licence that is there",
      () => [
        "market",
        "license",
        "consumer",
        addresses["consumer"] ?? "",
        ...onChain(),
        "--key",
        at("authority.key"),
      ],
      /holds that licence already/,
    ],
    [
      "a licence that is not there",
      () => [
        "market",
        "revoke",
        "owner",
        addresses["stranger"] ?? "",
        ...onChain(),
        "--key",
        at("authority.key"),
      ],
      /holds no such licence/,
    ],
    [
      "a licence by a stranger",
      () => [
        "market",
        "license",
        "owner",
        addresses["stranger"] ?? "",
        ...onChain(),
        "--key",
        at("stranger.key"),
      ],
      /the key is not the market's authority's/,
    ],
    ["a key over another", () => ["market", "key", at("stranger.key")], /stranger\.key: is there already/],
    ["a port that is none", () => ["market", "broker", "--port", "70000"], /--port: "70000" is no port/],
    [
      "an open broker on all interfaces",
      () => ["market", "broker", "--port", "0", "--host", "0.0.0.0"],
      /broker/,
    ],
    [
      "half a certificate",
      () => ["market", "broker", "--cert", "x.pem"],
      /--cert and --cert-key: belong together/,
    ],
    [
      "trades of no market",
      () => ["market", "trades", "--rpc", rpc, "--market", `0x${"22".repeat(20)}`],
      /is no market/,
    ],
  ];
  const agent = (name: string): readonly string[] => [
    ...onChain(),
    ...["--broker", brokerUrl, "--key", at(`${name}.key`), "--state", at(`state-${name}`)],
  ];
  const table = (name: string): readonly string[] => ["--data", at(`${name}.csv`), "--label", "outcome"];

  it("licenses accounts", async () => {
    expect(await license("consumer", "consumer")).toBe("licensed: 1 as consumer");
  }, 60_000);

  it.each(cases)(
    "%s gets one clear line and exit code 2",
    async (_, words, message) => {
      const { code, lines } = await attempt(...words());
      expect(lines.join("\n")).toMatch(message);
      expect(lines).toHaveLength(1);
      expect(lines[0]).not.toContain("\n");
      expect(code).toBe(2);
    },
    60_000,
  );

  it("a consumer that cannot pay says that its order is given up", async () => {
    const words = [...table("consumer"), "--training", at("training.yaml"), "--price", "100000"];
    const poor = startBench(folder, [
      "agent",
      "consumer",
      ...agent("consumer"),
      ...words,
      "--state",
      at("poor"),
    ]);
    running.push(poor);
    await poor.shows(/order 1 is given up, nothing was locked/);
    poor.child.kill("SIGINT");
    expect((await poor.ended).code).toBe(0);
    running.pop();
  }, 60_000);

  it("trade a model: three owners, an analyst with a validator's key, and a consumer", async () => {
    await license("owner", "owner-0", "owner-1", "owner-2");
    await license("analyst", "analyst");
    await writeFile(
      at("encoding.json"),
      await must("market", "encoding", "consumer.csv", "--label", "outcome"),
    );
    const encoded = (name: string) => [...table(name), "--encoding", at("encoding.json")];
    const begin = async (role: string, name: string, words: readonly string[]): Promise<void> => {
      const started = startBench(folder, ["agent", role, ...agent(name), ...words]);
      running.push(started);
      await started.shows('"event":"ready"');
    };
    await Promise.all(["owner-0", "owner-1", "owner-2"].map((name) => begin("owner", name, encoded(name))));
    await begin("analyst", "analyst", []);
    await begin("consumer", "consumer", [
      ...encoded("consumer"),
      "--training",
      at("training.yaml"),
      "--price",
      "1000",
    ]);
    const trades = async () => (await attempt("market", "trades", ...onChain())).lines;
    await expect.poll(trades, { timeout: 180_000, interval: 1_000 }).toHaveLength(4);
    const rows = (await trades()).map(
      (line) =>
        JSON.parse(line) as { readonly seller: string; readonly buyer: string; readonly amount: string },
    );
    const sold = new Map(rows.map(({ seller, amount }) => [seller.toLowerCase(), BigInt(amount)]));
    expect([...sold.keys()].sort()).toEqual(
      ["owner-0", "owner-1", "owner-2", "analyst"].map((name) => addresses[name]?.toLowerCase()).sort(),
    );
    const toOwners = ["owner-0", "owner-1", "owner-2"].map((name) => sold.get(addresses[name] ?? "") ?? 0n);
    for (const amount of toOwners) expect(amount).toBeGreaterThan(0n);
    expect(
      rows.find(({ buyer }) => buyer.toLowerCase() === addresses["consumer"]?.toLowerCase()),
    ).toBeDefined();
    const model = await attempt("market", "model", "--state", at("state-consumer"), "--out", at("model"));
    expect([model.code, model.lines]).toEqual([0, [join(at("model"), "model.json")]]);
    await expectModel(at("model"));
    for (const { child } of running) child.kill("SIGINT");
    const codes = await Promise.all(running.map(async ({ ended }) => (await ended).code));
    expect(codes).toEqual([0, 0, 0, 0, 0]);
  }, 300_000);
});
