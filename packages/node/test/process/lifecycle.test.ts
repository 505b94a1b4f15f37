import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { NODE_EXIT } from "@sheaf/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeNetwork, type TestNetwork } from "../support/make-network.ts";
import { type FailedProcess, startProcess, startReady } from "../support/processes.ts";

let test: TestNetwork;
beforeAll(async () => {
  test = await makeNetwork({ logLevel: "info" });
});
afterAll(() => test.remove());

/** The configuration of validator 0 with other fields, in a file of its own. */
function changed(name: string, change: object): string {
  const file = join(test.dir, name);
  const own = JSON.parse(readFileSync(test.validators[0]?.configFile ?? "", "utf8"));
  writeFileSync(file, JSON.stringify({ ...own, ...change }));
  return file;
}

async function failWith(configFile: string): Promise<FailedProcess> {
  const outcome = await startProcess(test, 0, { configFile });
  if (!("code" in outcome)) {
    await outcome.end("SIGKILL");
    expect.fail("it started");
  }
  return outcome;
}

describe("the process of a validator", () => {
  it("says where it listens, and ends in order on a signal or when its parent has gone", async () => {
    for (const end of ["SIGTERM", "SIGINT", "stdin"] as const) {
      const validator = await startReady(test, 0);
      expect(validator.ready).toMatchObject({ event: "ready", pid: validator.child.pid });
      expect(validator.ready.p2pPort).toBe(test.validators[0]?.config.p2p.port);
      expect((await validator.status()).validator).toBe(test.validators[0]?.address);
      if (end === "stdin") validator.child.stdin?.end();
      else validator.child.kill(end);
      expect(await validator.exited).toBe(NODE_EXIT.ok);
    }
  }, 30_000);

  it("outlives its parent's pipe unless told otherwise", async () => {
    const configFile = changed("stays.json", { exitWithParent: false });
    const validator = await startProcess(test, 0, { configFile });
    if ("code" in validator) return expect.fail(JSON.stringify(validator));
    validator.child.stdin?.end();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await validator.status()).height).toBe(0);
    expect(await validator.end("SIGTERM")).toBe(NODE_EXIT.ok);
  }, 30_000);

  it("refuses bad input with one line and code 2", async () => {
    const { config } = test.validators[0] as TestNetwork["validators"][number];
    const other = `0x${"01".repeat(32)}`;
    writeFileSync(join(test.dir, "other-key"), other);
    writeFileSync(join(test.dir, "no-key"), "0x1234");
    const bad: [string, RegExp][] = [
      [join(test.dir, "missing.json"), /missing\.json: ENOENT/],
      [changed("a.json", { schema: "sheaf.node/9" }), /schema/],
      [changed("b.json", { surprise: 1 }), /surprise/],
      [changed("c.json", { keyFile: "other-key" }), /is no validator of test/],
      [changed("d.json", { keyFile: "no-key" }), /is not a private key/],
      [
        changed("e.json", { tls: { certificateFile: "tls-1.crt", keyFile: "tls-1.key" } }),
        /not the certificate/,
      ],
      [changed("f.json", { genesis: "key-1" }), /is not JSON/],
    ];
    const lowest = [...test.validators].sort((a, b) => (a.address < b.address ? -1 : 1))[0];
    if (lowest?.address === test.validators[0]?.address) {
      bad.push([changed("g.json", { p2p: { ...config.p2p, peers: {} } }), /where 0x[0-9a-f]+ listens/]);
    }
    for (const [configFile, message] of bad) {
      const { code, log } = await failWith(configFile);
      expect(log).toHaveLength(1);
      expect(log[0]?.msg).toMatch(message);
      expect(code).toBe(NODE_EXIT.input);
    }
  }, 60_000);

  it("says which port is taken, and leaves nothing running", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    const { config } = test.validators[0] as TestNetwork["validators"][number];
    for (const change of [{ rpc: { port } }, { p2p: { ...config.p2p, port } }]) {
      const { code, log } = await failWith(changed("taken.json", change));
      expect(code).toBe(NODE_EXIT.input);
      expect(log.at(-1)?.msg).toContain(String(port));
    }
    taken.close();
  }, 30_000);

  it("ends with code 4 when the disk is full, and has lost nothing when there is room again", async () => {
    const small = await makeNetwork({
      validators: 1,
      logLevel: "info",
      consensus: { blockPeriodMs: 10, emptyBlockPeriodMs: 10 },
    });
    const full = await startProcess(small, 0, { maxFileKiB: 300 });
    if ("code" in full) return expect.fail(JSON.stringify(full));
    expect(await full.exited).toBe(NODE_EXIT.storage);
    expect(full.log.at(-1)).toMatchObject({ level: 60, code: "STORAGE_FAILED" });
    const last = full.log.findLast(({ msg }) => msg === "block committed");
    expect(last?.number).toBeGreaterThan(10);
    const again = await startReady(small, 0);
    const block = await again.call<{ hash: string }>(
      "eth_getBlockByNumber",
      `0x${last?.number?.toString(16)}`,
      false,
    );
    expect(block.hash).toBe(last?.hash);
    await again.end("SIGTERM");
    small.remove();
  }, 30_000);

  it("refuses the data of another chain", async () => {
    const first = await startReady(test, 0);
    await first.end("SIGTERM");
    const genesis = JSON.parse(readFileSync(join(test.dir, "genesis.json"), "utf8"));
    writeFileSync(join(test.dir, "genesis-2.json"), JSON.stringify({ ...genesis, chainId: 4242 }));
    const { code, log } = await failWith(changed("other-chain.json", { genesis: "genesis-2.json" }));
    expect(code).toBe(NODE_EXIT.input);
    expect(log.at(-1)?.msg).toMatch(/holds the chain/);
  }, 30_000);
});
