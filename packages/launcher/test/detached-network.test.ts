import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "@sheaf/base";
import { createRpcClient } from "@sheaf/protocol";
import { expect, onTestFinished, test } from "vitest";
import { listNetworks, networkDown, networkStatus, networkUp } from "../src/index.ts";
import { identifyProcess } from "../src/process/process-identity.ts";
import { fastNetwork, PROGRAM, temporaryFolder, validatorsBelow } from "./support/program.ts";

const FOUR = fastNetwork({ name: "a" });
const ONE = fastNetwork({ name: "a", validators: 1 });

function place() {
  const at = { root: join(temporaryFolder(), "networks"), name: "n" };
  onTestFinished(() =>
    networkDown(at).then(
      () => {},
      () => {},
    ),
  );
  return { ...at, program: PROGRAM };
}

/** Kills the processes and returns when they are gone. */
async function killed(ids: readonly number[]): Promise<void> {
  for (const id of ids) if (identifyProcess(id) !== undefined) process.kill(id, "SIGKILL");
  while (ids.some((id) => identifyProcess(id) !== undefined)) await sleep(20);
}

async function heightOf(url: string): Promise<number> {
  const client = createRpcClient(url, { connections: 1 });
  try {
    return (await client.call("sheaf_status", [])).height;
  } finally {
    client.close();
  }
}

test("up, status, down, up again: the chain goes on with the same keys and ports", async () => {
  const at = place();
  const first = await networkUp(FOUR, at);
  const url = first.chains[0]?.endpoints[0]?.rpcUrl ?? "";
  const state = await networkStatus(at);
  expect(state.validators.map(({ process, status }) => [process, status?.peers])).toEqual(
    new Array(4).fill(["up", 3]),
  );
  expect(await listNetworks(at.root)).toEqual(["n"]);
  await expect(networkUp(FOUR, at)).rejects.toMatchObject({
    code: "INVALID_INPUT",
    advice: expect.stringContaining("network down"),
  });
  const before = await heightOf(url);

  expect(await networkDown(at)).toBe(4);
  for (const { pid } of state.validators) expect(identifyProcess(pid ?? 0)).toBeUndefined();
  expect((await networkStatus(at)).validators.every(({ process }) => process === "down")).toBe(true);
  expect(await networkDown(at)).toBe(0);

  const again = await networkUp(FOUR, at);
  expect(again.continued).toBe(true);
  expect(again.chains[0]).toEqual(first.chains[0]);
  expect(await heightOf(url)).toBeGreaterThan(before);
  await networkDown({ ...at }, { remove: true });
  expect(await listNetworks(at.root)).toEqual([]);
});

test("killed validators are told apart from running ones; once all are gone the chain can go on", async () => {
  const at = place();
  await networkUp(FOUR, at);
  const ids = (await networkStatus(at)).validators.map(({ pid }) => pid ?? 0);
  await killed(ids.slice(2, 3));
  const after = await networkStatus(at);
  expect(after.validators.map(({ process }) => process)).toEqual(["up", "up", "ended", "up"]);
  expect(after.validators[2]?.problem).toBe("ended without an error in its log");
  await expect(networkUp(FOUR, at)).rejects.toMatchObject({ message: expect.stringContaining("3 of 4") });

  const height = after.validators[0]?.status?.height ?? 0;
  await killed(ids);
  const again = await networkUp(FOUR, at);
  expect(again.continued).toBe(true);
  expect(await heightOf(again.chains[0]?.endpoints[0]?.rpcUrl ?? "")).toBeGreaterThan(height);
});

test("the network outlives the process that started it, which ends by itself", async () => {
  const at = place();
  const launcher = new URL("../dist/index.js", import.meta.url).href;
  const script = `
    import { networkUp } from ${JSON.stringify(launcher)};
    await networkUp(${JSON.stringify(FOUR)}, ${JSON.stringify(at)});
  `;
  const starter = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
  expect(await once(starter, "exit")).toEqual([0, null]);
  const { validators } = await networkStatus(at);
  expect(validators.map(({ process, status }) => [process, status?.peers])).toEqual(
    new Array(4).fill(["up", 3]),
  );
  expect(await networkDown(at)).toBe(4);
});

test("a process that only has the same id is never ended, and its network counts as down", async () => {
  const at = place();
  await networkUp(ONE, at);
  const { validators } = await networkStatus(at);
  const own = identifyProcess(validators[0]?.pid ?? 0);
  expect(await networkDown(at)).toBe(1);
  // As after a crash of the machine: the file names an id that a stranger has now (this test itself).
  const file = join(at.root, "n", "a", "validator-0", "process.json");
  writeFileSync(file, JSON.stringify({ pid: process.pid, startedAt: own?.startedAt ?? "" }));
  expect((await networkStatus(at)).validators[0]?.process).toBe("ended");
  expect(await networkDown(at)).toBe(0);
  writeFileSync(file, JSON.stringify({ pid: process.pid, startedAt: own?.startedAt ?? "" }));
  expect((await networkUp(ONE, at)).continued).toBe(true);
});

test("changed limits do not continue a chain; fresh starts a new one", async () => {
  const at = place();
  const first = await networkUp(ONE, at);
  await networkDown(at);
  const changed = fastNetwork({ name: "a", validators: 1, protocol: { transactionsPerBlock: 7 } });
  await expect(networkUp(changed, at)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(networkUp(fastNetwork({ name: "b", validators: 1 }), at)).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
  const fresh = await networkUp(changed, { ...at, fresh: true });
  expect(fresh.continued).toBe(false);
  expect(fresh.chains[0]?.deployerKey).not.toBe(first.chains[0]?.deployerKey);
});

test("two starts at once: one wins, the other is told", async () => {
  const at = place();
  const outcomes = await Promise.allSettled([networkUp(ONE, at), networkUp(ONE, at)]);
  const refused = outcomes.filter((outcome) => outcome.status === "rejected");
  expect(refused).toHaveLength(1);
  expect(refused[0]?.reason).toMatchObject({ code: "INVALID_INPUT" });
});

test("nothing of that name, nothing to start, a folder that cannot be made", async () => {
  const at = place();
  await expect(networkStatus(at)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  await expect(networkDown(at)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  const external = fastNetwork({ name: "a", endpoints: ["http://127.0.0.1:1"] });
  await expect(networkUp(external, at)).rejects.toMatchObject({ code: "INVALID_INPUT" });
  const file = join(temporaryFolder(), "file");
  writeFileSync(file, "");
  await expect(networkUp(FOUR, { ...at, root: file })).rejects.toMatchObject({
    code: "INVALID_INPUT",
  });
});

test.each(["../../evil", "..", "/tmp", "a/b", "", ".n", "N"])(
  "a name may not lead out of the root: %j",
  async (name) => {
    const root = join(temporaryFolder(), "state", "networks");
    // What the name leads to is a network; only its name keeps it from being ended and removed.
    const target = join(root, name);
    if (name.startsWith("..")) {
      mkdirSync(target, { recursive: true });
      const manifest = { schema: "sheaf.network-state/1", description: "", createdAtMs: 0, chains: [] };
      writeFileSync(join(target, "network.json"), JSON.stringify(manifest));
    }
    const refused = { code: "INVALID_INPUT", message: expect.stringContaining("is not a name") };
    await expect(networkUp(ONE, { root, name, program: PROGRAM })).rejects.toMatchObject(refused);
    await expect(networkStatus({ root, name })).rejects.toMatchObject(refused);
    await expect(networkDown({ root, name }, { remove: true })).rejects.toMatchObject(refused);
    if (name.startsWith("..")) expect(existsSync(join(target, "network.json"))).toBe(true);
  },
);

test.each(["prepare", "start", "connect"] as const)(
  "given up while it would %s: nothing is left",
  async (when) => {
    const at = place();
    const controller = new AbortController();
    const failure = networkUp(FOUR, {
      ...at,
      signal: controller.signal,
      onProgress: ({ phase, done }) => phase === when && done >= 1 && controller.abort(),
    });
    await expect(failure).rejects.toMatchObject({ code: "ABORTED" });
    expect(validatorsBelow(at.root)).toEqual([]);
    expect(readdirSync(at.root)).toEqual([]);
  },
);

test("an earlier network whose start is given up is down, its chain kept", async () => {
  const at = place();
  await networkUp(ONE, at);
  await networkDown(at);
  const controller = new AbortController();
  const onProgress = (): void => controller.abort();
  const failure = networkUp(ONE, { ...at, signal: controller.signal, onProgress });
  await expect(failure).rejects.toMatchObject({ code: "ABORTED" });
  expect(validatorsBelow(at.root)).toEqual([]);
  expect((await networkStatus(at)).validators[0]?.process).toBe("down");
  expect((await networkUp(ONE, at)).continued).toBe(true);
});

test.each(["SIGINT", "SIGKILL"] as const)(
  "a starter whose whole group gets %s leaves no validator",
  async (signal) => {
    const at = place();
    const launcher = new URL("../dist/index.js", import.meta.url).href;
    const script = `
    import { networkUp } from ${JSON.stringify(launcher)};
    const controller = new AbortController();
    process.on("SIGINT", () => controller.abort());
    const onProgress = ({ phase, done }) => phase === "start" && done === 3 && console.log("three");
    await networkUp(${JSON.stringify(FOUR)}, { ...${JSON.stringify(at)}, signal: controller.signal, onProgress })
      .catch(({ code }) => console.log(code));
  `;
    // A group of its own, as a terminal gives to what it starts.
    const starter = spawn(process.execPath, ["--input-type=module", "-e", script], {
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    const three = new Promise<void>((resolve) => {
      starter.stdout.on("data", (data: Buffer) => {
        output += data.toString();
        if (output.includes("three")) resolve();
      });
    });
    await three;
    expect(validatorsBelow(at.root).length).toBeGreaterThanOrEqual(3);
    process.kill(-(starter.pid ?? 0), signal);
    await once(starter, "close");
    expect(output.trim().split("\n")).toEqual(signal === "SIGINT" ? ["three", "ABORTED"] : ["three"]);
    const until = Date.now() + 10_000;
    while (signal === "SIGKILL" && validatorsBelow(at.root).length > 0 && Date.now() < until) await sleep(50);
    expect(validatorsBelow(at.root)).toEqual([]);
    expect(await listNetworks(at.root)).toEqual(signal === "SIGINT" ? [] : [at.name]);
  },
);
