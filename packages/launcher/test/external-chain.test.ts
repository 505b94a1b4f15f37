import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { createNetwork, type Network, parseTopology } from "../src/index.ts";
import { identifyProcess } from "../src/process/process-identity.ts";
import { type Anvil, startAnvil } from "./support/anvil.ts";
import { temporaryFolder } from "./support/program.ts";

// The first account of anvil's well-known development mnemonic.
const FUNDED = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const POOR = `0x${"11".repeat(32)}`;

let anvil: Anvil;
let url: string;

beforeAll(async () => {
  anvil = await startAnvil("--chain-id", "4242");
  url = anvil.url;
});

afterAll(() => anvil.stop());

async function connect(fields: string): Promise<Network> {
  const topology = parseTopology(`schema: sheaf.network/1\nchains: [{ name: dev, ${fields} }]\n`, "x.yaml");
  return createNetwork(topology, { program: "unused", dir: join(temporaryFolder(), "net") });
}

test("reaches a running anvil and starts nothing", async () => {
  vi.stubEnv("SHEAF_TEST_KEY", FUNDED);
  onTestFinished(() => void vi.unstubAllEnvs());
  const websocket = url.replace("http", "ws");
  const network = await connect(
    `endpoints: ["${url}"], websockets: ["${websocket}"], fundedKeyEnv: SHEAF_TEST_KEY`,
  );
  expect(network.processes()).toEqual([]);
  expect(network.chains[0]).toMatchObject({
    chainId: 4242,
    deployerKey: FUNDED,
    clientVersion: expect.stringContaining("anvil"),
    endpoints: [{ index: 0, rpcUrl: url, wsUrl: websocket }],
  });
  await network.stop();
  expect(identifyProcess(anvil.pid)).toBeDefined();
});

test("a key from a file", async () => {
  const file = join(temporaryFolder(), "key");
  writeFileSync(file, `${FUNDED}\n`);
  const network = await connect(`endpoints: ["${url}"], fundedKeyFile: ${file}`);
  expect(network.chains[0]?.deployerKey).toBe(FUNDED);
});

test.each<[string, (url: string) => string, Record<string, string>, RegExp]>([
  ["unreachable", () => `endpoints: ["http://127.0.0.1:1"]`, {}, /endpoints\[0\].*ECONNREFUSED/],
  ["another chain id", (at) => `endpoints: ["${at}"], chainId: 1`, {}, /on chain 4242, not 1/],
  [
    "no key in the environment",
    (at) => `endpoints: ["${at}"], fundedKeyEnv: SHEAF_TEST_KEY`,
    {},
    /is not set/,
  ],
  [
    "a key that is none",
    (at) => `endpoints: ["${at}"], fundedKeyEnv: SHEAF_TEST_KEY`,
    { SHEAF_TEST_KEY: "0x12" },
    /not a private key/,
  ],
  ["no file", (at) => `endpoints: ["${at}"], fundedKeyFile: /none`, {}, /ENOENT/],
  [
    "no funds",
    (at) => `endpoints: ["${at}"], fundedKeyEnv: SHEAF_TEST_KEY`,
    { SHEAF_TEST_KEY: POOR },
    /holds no funds/,
  ],
])("%s: one line that names the field", async (_, fields, environment, problem) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  await expect(connect(fields(url))).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: expect.stringMatching(problem),
    advice: expect.any(String),
  });
});

test("an address that is not JSON-RPC", async () => {
  const server = createServer((_, response) => response.end("<html>"));
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
  onTestFinished(() => void server.close());
  await expect(connect(`endpoints: ["http://127.0.0.1:${port}"]`)).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
});
