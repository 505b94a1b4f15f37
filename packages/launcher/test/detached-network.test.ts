import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "@sheaf/base";
import { createRpcClient } from "@sheaf/protocol";
import { expect, onTestFinished, test } from "vitest";
import { listNetworks, networkDown, networkStatus, networkUp } from "../src/index.ts";
import { identifyProcess } from "../src/process-identity.ts";
import { fastNetwork, PROGRAM, temporaryFolder } from "./support/program.ts";

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
