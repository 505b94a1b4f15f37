import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type CodedError, sleep, systemClock } from "@sheaf/base";
import { createRpcClient } from "@sheaf/protocol";
import { describe, expect, onTestFinished, test } from "vitest";
import { createNetwork, type Network, sampleProcesses, scheduleFaults } from "../src/index.ts";
import { identifyProcess } from "../src/process/process-identity.ts";
import { fastNetwork, PROGRAM, temporaryFolder } from "./support/program.ts";

const FOUR = fastNetwork({ name: "a" });

async function start(
  wanted = FOUR,
  options: Partial<Parameters<typeof createNetwork>[1]> = {},
): Promise<Network> {
  const network = await createNetwork(wanted, { program: PROGRAM, dir: temporaryFolder(), ...options });
  onTestFinished(() => network.stop());
  return network;
}

async function height(network: Network, index: number, chain = 0): Promise<number> {
  const client = createRpcClient(network.chains[chain]?.endpoints[index]?.rpcUrl ?? "");
  try {
    return (await client.call("sheaf_status", [])).height;
  } finally {
    client.close();
  }
}

function pids(network: Network): readonly number[] {
  return network.processes().map(({ pid }) => pid);
}

const running = (all: readonly number[]) => all.filter((pid) => identifyProcess(pid) !== undefined);

describe("a network of four validators", () => {
  test("is ready when all are connected and stand at a block, and leaves nothing when it stops", async () => {
    const phases: string[] = [];
    const network = await start(FOUR, {
      onProgress: ({ phase, done, total }) => phases.push(`${phase} ${done}/${total}`),
    });
    expect(phases).toEqual(expect.arrayContaining(["prepare 1/1", "start 4/4", "connect 4/4"]));
    expect(await height(network, 0)).toBeGreaterThanOrEqual(1);
    expect(network.chains[0]).toMatchObject({ name: "a", plan: { validators: 4 } });
    const ids = pids(network);
    expect(running(ids)).toHaveLength(4);
    const samples = sampleProcesses(network.processes());
    expect(samples.map(({ label }) => label)).toContain("a/validator-3");
    for (const { rssBytes, cpuSeconds, peakRssBytes } of samples) {
      expect(rssBytes).toBeGreaterThan(10e6);
      expect(peakRssBytes).toBeGreaterThanOrEqual(rssBytes * 0.5);
      expect(cpuSeconds).toBeGreaterThan(0);
    }
    await network.stop();
    expect(running(ids)).toEqual([]);
    expect(network.processes()).toEqual([]);
  });

  test("keeps secrets to the owner, and every validator has a log", async () => {
    const network = await start();
    for (const file of ["a/deployer.key", "a/validator-0/validator.key", "a/validator-0/tls.key"]) {
      expect(statSync(join(network.dir, file)).mode & 0o777).toBe(0o600);
    }
    expect(existsSync(join(network.dir, "a/validator-3/log.jsonl"))).toBe(true);
  });

  test("goes on when one is killed; the killed one returns on the same port", async () => {
    const network = await start();
    const failures: CodedError[] = [];
    network.onFailed((error) => failures.push(error));
    await network.kill("a", 2);
    expect(running(pids(network))).toHaveLength(3);
    const before = await height(network, 0);
    await network.ready();
    expect(await height(network, 0)).toBeGreaterThan(before);
    await network.restart("a", 2);
    await network.ready();
    expect(await height(network, 2)).toBeGreaterThan(before);
    expect(failures).toEqual([]);
  });

  test("a validator that dies unasked is reported with the end of its log", async () => {
    const network = await start();
    const failed = new Promise<CodedError>((resolve) => network.onFailed(resolve));
    const victim = network.processes()[1];
    process.kill(victim?.pid ?? 0, "SIGKILL");
    const error = await failed;
    expect(error.detail).toMatchObject({ code: "VALIDATOR_FAILED", chain: "a", index: 1, signal: "SIGKILL" });
  });

  test("paused validators are silent until they are resumed, and stop ends paused ones too", async () => {
    const network = await start();
    const ids = pids(network);
    network.pause("a", 0);
    await sleep(50);
    const [stat] = readFileSync(`/proc/${ids[0]}/stat`, "utf8").split(") ").slice(-1);
    expect(stat?.startsWith("T")).toBe(true);
    network.resume("a", 0);
    await network.ready();
    network.pause("a", 1);
    await network.stop();
    expect(running(ids)).toEqual([]);
  });

  test("faults come at their times, and one that cannot be is an outcome", async () => {
    const network = await start();
    const schedule = scheduleFaults(network, [
      { atMs: 0, validator: 3, kind: "kill" },
      { atMs: 300, chain: "a", validator: 3, kind: "restart" },
      { atMs: 10, chain: "none", validator: 0, kind: "pause" },
      { atMs: 600_000, chain: "a", validator: 0, kind: "kill" },
    ]);
    await sleep(310);
    schedule.cancel();
    const outcomes = await schedule.done;
    expect(outcomes.map(({ kind, error }) => [kind, error === undefined])).toEqual([
      ["kill", true],
      ["restart", true],
      ["pause", false],
    ]);
    expect(outcomes[1]?.startedMs).toBeGreaterThanOrEqual(300);
    await network.ready();
    expect(network.processes()).toHaveLength(4);
  });
});

describe("other shapes", () => {
  test("two chains, one of them with a validator down", async () => {
    const network = await start(
      fastNetwork({ name: "a", validators: 1 }, { name: "b", down: [3], protocol: { roundTimeoutMs: 500 } }),
    );
    expect(network.chains.map(({ endpoints }) => endpoints.map(({ index }) => index))).toEqual([
      [0],
      [0, 1, 2],
    ]);
    expect(new Set(network.chains.map(({ chainId }) => chainId)).size).toBe(2);
    await network.restart("b", 3);
    await network.ready();
    expect(network.processes()).toHaveLength(5);
  });

  test("equal seeds give equal keys", async () => {
    const single = fastNetwork({ name: "a", validators: 1 });
    const [one, two, other] = await Promise.all(["s", "s", "t"].map((seed) => start(single, { seed })));
    const keys = [one, two, other].map((network) => network?.chains[0]?.deployerKey);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[0]);
  });
});

describe("what cannot start says why and leaves nothing", () => {
  test("a port that is taken", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    });
    onTestFinished(() => void server.close());
    const wanted = fastNetwork({ name: "a", validators: 1, rpcPort: port });
    await expect(start(wanted)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining(`${port}`),
    });
  });

  test("a port that another program takes before it is used: the start is repeated with others", async () => {
    const dir = temporaryFolder();
    const program = join(dir, "crowded.mjs");
    // At its first start, each validator finds its own RPC port taken by a server of this wrapper.
    writeFileSync(
      program,
      `import { existsSync, readFileSync, writeFileSync } from "node:fs";
      import { createServer } from "node:net";
      const [file] = process.argv.slice(2);
      if (!existsSync(file + ".seen")) {
        writeFileSync(file + ".seen", "");
        const { port } = JSON.parse(readFileSync(file, "utf8")).rpc;
        await new Promise((resolve) => createServer().listen(port, "127.0.0.1", resolve));
      }
      await import(${JSON.stringify(PROGRAM)});`,
    );
    const network = await start(fastNetwork({ name: "a", validators: 1 }), {
      program,
      dir: join(dir, "net"),
    });
    expect(existsSync(join(network.dir, "a/validator-0/config.json.seen"))).toBe(true);
    expect(network.processes()).toHaveLength(1);
  });

  test("a folder that cannot be made", async () => {
    const file = join(temporaryFolder(), "file");
    writeFileSync(file, "");
    await expect(start(FOUR, { dir: join(file, "net") })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  test("a folder that holds a network", async () => {
    const dir = temporaryFolder();
    writeFileSync(
      join(dir, "network.json"),
      JSON.stringify({ schema: "sheaf.network-state/1", description: "", createdAtMs: 0, chains: [] }),
    );
    await expect(start(FOUR, { dir })).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });

  test("a validator that fails: its number and the last problem of its log", async () => {
    const dir = temporaryFolder();
    const program = join(dir, "failing.mjs");
    writeFileSync(program, `console.error('{"level":50,"msg":"no room on the disk"}'); process.exit(4);`);
    const failure = start(FOUR, { program, dir: join(dir, "net") });
    await expect(failure).rejects.toMatchObject({
      code: "VALIDATOR_FAILED",
      message: expect.stringMatching(/validator \d of a .*no room on the disk/),
      detail: { exitCode: 4 },
    });
  });

  test("a validator that does not get ready in time", async () => {
    const dir = temporaryFolder();
    const program = join(dir, "mute.mjs");
    writeFileSync(
      program,
      `console.log('{"event":"ready"}'); process.stdin.resume().on("end", () => process.exit());`,
    );
    const started = systemClock.now();
    const failure = start(fastNetwork({ name: "a", validators: 2 }), {
      program,
      dir: join(dir, "net"),
      limitMs: 500,
    });
    await expect(failure).rejects.toMatchObject({
      code: "NETWORK_NOT_READY",
      message: expect.stringContaining("does not answer"),
    });
    expect(systemClock.now() - started).toBeLessThan(30_000);
  });

  test("a start that the caller gives up", async () => {
    const controller = new AbortController();
    const failure = start(FOUR, {
      signal: controller.signal,
      onProgress: ({ phase, done }) => phase === "start" && done === 2 && controller.abort(),
    });
    await expect(failure).rejects.toMatchObject({ code: "ABORTED" });
  });
});

test("validators die with the process that started them, even when it is killed", async () => {
  const dir = temporaryFolder();
  const launcher = new URL("../dist/index.js", import.meta.url).href;
  const script = `
    import { createNetwork, parseTopology } from ${JSON.stringify(launcher)};
    const topology = parseTopology("schema: sheaf.network/1\\nchains: [{ name: a }]", "x.yaml");
    const network = await createNetwork(topology, { program: ${JSON.stringify(PROGRAM)}, dir: ${JSON.stringify(join(dir, "net"))} });
    console.log(JSON.stringify(network.processes().map(({ pid }) => pid)));
    setInterval(() => {}, 1000);
  `;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await new Promise<string>((resolve) =>
    parent.stdout.once("data", (data: Buffer) => resolve(data.toString())),
  );
  const ids = JSON.parse(line) as number[];
  expect(running(ids)).toHaveLength(4);
  parent.kill("SIGKILL");
  const until = systemClock.now() + 10_000;
  while (running(ids).length > 0 && systemClock.now() < until) await sleep(50);
  expect(running(ids)).toEqual([]);
});
