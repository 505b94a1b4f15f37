import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex, createRandom, sleep } from "@sheaf/base";
import { type Broker, startBroker } from "@sheaf/bus";
import { privateKeyToAddress } from "@sheaf/protocol";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { deployMarket, issueLicences } from "../../src/chain/deploy-market.ts";
import type { AgentConfigInput } from "../../src/host/agent-config.ts";
import { type AgentProcess, eventsOf, runAgent } from "./support/agent-process.ts";
import { type Anvil, startAnvil } from "./support/anvil.ts";

const folder = mkdtempSync(join(tmpdir(), "sheaf-lifecycle-"));
const random = createRandom("agent lifecycle");
const key = random.bytes(32);
const keyFile = join(folder, "analyst.key");
const address = privateKeyToAddress(key);
const running: AgentProcess[] = [];
let anvil: Anvil;
let broker: Broker;
let config: Extract<AgentConfigInput, { role: "analyst" }>;
let runs = 0;

beforeAll(async () => {
  writeFileSync(keyFile, bytesToHex(key), { mode: 0o600 });
  [anvil, broker] = await Promise.all([startAnvil(), startBroker()]);
  const options = { rpcUrl: anvil.url, authorityKey: bytesToHex(random.bytes(32)) };
  await anvil.fund(privateKeyToAddress(Buffer.from(options.authorityKey.slice(2), "hex")));
  const { addresses, fromBlock } = await deployMarket(options);
  await issueLicences({ ...options, licences: addresses.licences }, [{ subject: address, role: "analyst" }]);
  config = {
    schema: "sheaf.agent/1",
    role: "analyst",
    keyFile,
    stateDir: "",
    rpcUrl: anvil.url,
    contracts: addresses,
    fromBlock,
    broker: { url: broker.url },
  };
}, 60_000);

beforeEach(() => {
  config = { ...config, stateDir: join(folder, `state-${runs++}`) };
});

afterAll(async () => {
  for (const { child } of running) child.kill("SIGKILL");
  await broker?.stop();
  await anvil?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function run(changes: object = {}): AgentProcess {
  const path = join(folder, `config-${runs++}.json`);
  writeFileSync(path, JSON.stringify({ ...config, ...changes }));
  const started = runAgent(path);
  running.push(started);
  return started;
}

/** The exit code, the last line of standard output, and the log. */
async function end({
  ended,
  lines,
  errors,
}: AgentProcess): Promise<{ code: number | null; last: unknown; log: string }> {
  return { code: await ended, last: lines.at(-1), log: errors() };
}

const written = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe("an agent's process", { timeout: 60_000 }, () => {
  test("ends with 2 and one line for input that somebody must mend, and never shows a key", async () => {
    const secret = "ab".repeat(31);
    const cases: readonly (readonly [object, string])[] = [
      [{ colour: "red" }, "colour"],
      [{ role: "owner" }, "data"],
      [{ rpcUrl: "ftp://somewhere" }, "rpcUrl"],
      [{ contracts: { ...config.contracts, market: "0x12" } }, "contracts.market"],
      [{ keyFile: join(folder, "none.key") }, "none.key"],
      [{ keyFile: written("short.key", secret) }, "short.key: holds no private key"],
      [
        { data: { file: written("bad.csv", "a,b\n1\n"), label: "b" } },
        "bad.csv, line 2: has another number of cells",
      ],
      [{ broker: { url: "http://127.0.0.1:1" } }, "is not mqtt:// or mqtts://"],
      [{ broker: { url: broker.url, caFile: join(folder, "none.pem") } }, "none.pem"],
    ];
    const outcomes = await Promise.all(
      cases.map(async ([changes], index) =>
        end(run({ stateDir: join(folder, `mended-${index}`), ...changes })),
      ),
    );
    for (const [index, { code, last, log }] of outcomes.entries()) {
      expect(code, log).toBe(2);
      expect(last).toMatchObject({ event: "failed", code: "INVALID_INPUT" });
      expect(log).toContain(cases[index]?.[1]);
      expect(log).not.toContain(secret);
      expect(
        log
          .trimEnd()
          .split("\n")
          .filter((line) => line.includes('"fatal"')),
      ).toHaveLength(1);
    }
    expect(await end(runAgent(join(folder, "nothing.json")))).toMatchObject({ code: 2 });
  });

  test("is ready once it follows chain and bus, and ends in order when asked", async () => {
    const agent = run();
    expect(await agent.ready).toEqual({ event: "ready", role: "analyst", address });
    agent.child.kill("SIGTERM");
    expect(await end(agent)).toMatchObject({ code: 0, last: { event: "ended" } });
    const events = eventsOf(config.stateDir);
    expect(events[0]).toMatchObject({ kind: "host-start", role: "analyst", address });
    expect(events.at(-1)).toMatchObject({ kind: "host-end" });
    const everything = agent.errors() + readFileSync(join(config.stateDir, "events.jsonl"), "utf8");
    expect(everything).not.toContain(bytesToHex(key).slice(2));
  });

  test("with exitWithParent ends when its standard input does", async () => {
    const agent = run({ exitWithParent: true });
    await agent.ready;
    agent.child.stdin?.end();
    expect(await end(agent)).toMatchObject({ code: 0, last: { event: "ended" } });
  });

  test("does not share its folder, and takes it over from one that was killed", async () => {
    const first = run();
    await first.ready;
    const second = await end(run());
    expect(second.code).toBe(2);
    expect(second.log).toContain("is in use by process");
    first.child.kill("SIGKILL");
    await first.ended;
    const third = run();
    await third.ready;
    third.child.kill("SIGTERM");
    expect((await end(third)).code).toBe(0);
  });

  test("refused by the broker ends with 2; waits for one that is not there yet", async () => {
    const guarded = await startBroker({ users: [{ name: "a", password: "b" }] });
    const refused = run({ broker: { url: guarded.url, user: "a", passwordFile: written("wrong", "c") } });
    expect(await end(refused)).toMatchObject({ code: 2, last: { code: "BROKER_REFUSED" } });
    const port = Number(new URL(guarded.url).port);
    await guarded.stop();
    const waiting = run({ broker: { url: guarded.url, user: "a", passwordFile: written("right", "b\n") } });
    await sleep(2_000);
    const late = await startBroker({ port, users: [{ name: "a", password: "b" }] });
    await waiting.ready;
    await late.stop();
    while (!waiting.errors().includes("lost the broker")) await sleep(20);
    const again = await startBroker({ port, users: [{ name: "a", password: "b" }] });
    const links = (): unknown[] =>
      eventsOf(config.stateDir)
        .filter(({ kind }) => kind === "link")
        .map(({ up }) => up);
    while (links().length < 3) await sleep(50);
    expect(links()).toEqual([true, false, true]);
    waiting.child.kill("SIGTERM");
    expect((await end(waiting)).code).toBe(0);
    await again.stop();
  });

  test("keeps on while the chain's endpoint is away", async () => {
    let away = false;
    const proxy: Server = createServer((request, response) => {
      if (away) return void response.destroy();
      const chunks: Buffer[] = [];
      request.on("data", (bytes: Buffer) => chunks.push(bytes));
      request.on("end", () => {
        const init = {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: Buffer.concat(chunks),
        };
        fetch(anvil.url, init)
          .then((answer) => answer.text())
          .then(
            (text) => response.end(text),
            () => response.destroy(),
          );
      });
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    const bound = proxy.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : 0;
    const agent = run({ rpcUrl: `http://127.0.0.1:${port}` });
    await agent.ready;
    away = true;
    await sleep(3_000);
    expect(agent.child.exitCode).toBeNull();
    away = false;
    await sleep(1_500);
    agent.child.kill("SIGTERM");
    expect((await end(agent)).code).toBe(0);
    proxy.closeAllConnections();
    proxy.close();
  });
});
