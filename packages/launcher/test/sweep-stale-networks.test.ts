import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "@sheaf/base";
import { expect, onTestFinished, test } from "vitest";
import { createNetwork, sweepStaleNetworks } from "../src/index.ts";
import { identifyProcess } from "../src/process/process-identity.ts";
import { fastNetwork, PROGRAM, temporaryFolder, validatorsBelow } from "./support/program.ts";

const ONE = fastNetwork({ name: "a", validators: 1 });

/** Starts a network in a process that is then killed; its validator has gone when this returns. */
async function abandoned(dir: string): Promise<void> {
  const launcher = new URL("../dist/index.js", import.meta.url).href;
  const script = `
    import { createNetwork } from ${JSON.stringify(launcher)};
    await createNetwork(${JSON.stringify(ONE)}, ${JSON.stringify({ program: PROGRAM, dir })});
    console.log("up");
    setInterval(() => {}, 1_000);
  `;
  const owner = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(owner.stdout, "data");
  owner.kill("SIGKILL");
  await once(owner, "close");
  while (validatorsBelow(dir).length > 0) await sleep(20);
}

test("only the folders of runs that were killed go", async () => {
  const root = temporaryFolder();
  await abandoned(join(root, "killed", "arm-0", "network"));

  const running = await createNetwork(ONE, { program: PROGRAM, dir: join(root, "running/arm-0/network") });
  onTestFinished(() => running.stop());
  const stopped = await createNetwork(ONE, { program: PROGRAM, dir: join(root, "stopped/arm-0/network") });
  await stopped.stop();
  const failing = join(root, "failing.mjs");
  writeFileSync(failing, "process.exit(1);");
  const failed = createNetwork(ONE, { program: failing, dir: join(root, "failed/arm-0/network") });
  await expect(failed).rejects.toMatchObject({ code: "VALIDATOR_FAILED" });
  mkdirSync(join(root, "foreign/arm-0"), { recursive: true });

  expect(await sweepStaleNetworks(root)).toEqual([join(root, "killed")]);
  expect(readdirSync(root).sort()).toEqual(["failed", "failing.mjs", "foreign", "running", "stopped"]);
  expect(running.processes()).toHaveLength(1);
  expect(await sweepStaleNetworks(root)).toEqual([]);
});

test("a folder stays while one of its validators or owners lives", async () => {
  const root = temporaryFolder();
  const dead = { pid: process.pid, startedAt: "another time" };
  const alive = identifyProcess(process.pid);
  for (const [name, owner, validator] of [
    ["validator", dead, alive],
    ["owner", alive, dead],
    ["none", dead, dead],
  ] as const) {
    const place = join(root, name, "arm/network/a/validator-0");
    mkdirSync(place, { recursive: true });
    writeFileSync(join(root, name, "arm/network/owner.json"), JSON.stringify(owner));
    writeFileSync(join(place, "process.json"), JSON.stringify(validator));
  }
  expect(await sweepStaleNetworks(root)).toEqual([join(root, "none")]);
  expect(existsSync(join(root, "validator/arm/network/owner.json"))).toBe(true);
  expect(await sweepStaleNetworks(join(root, "nowhere"))).toEqual([]);
});
