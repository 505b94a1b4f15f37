import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom, sleep, systemClock } from "@sheaf/base";
import type { BusEnvironment } from "../../src/bus-suite.ts";
import { type BusOptions, connectBus, createMemoryBroker, startBroker } from "../../src/index.ts";

/** A broker under test, with what ends it. */
export interface TestEnvironment extends BusEnvironment {
  readonly url: string;
  close(): Promise<void>;
}

let clients = 0;
const options = (): BusOptions => ({ clientId: `test-${process.pid}-${clients++}` });

/** The broker in memory, on the real clock. */
export function memoryEnvironment(): TestEnvironment {
  const broker = createMemoryBroker(
    { latencyMs: 1 },
    { clock: systemClock, random: createRandom("memory bus") },
  );
  return {
    url: "memory",
    connect: async () => broker.connect(),
    stopBroker: async () => broker.setUp(false),
    startBroker: async () => broker.setUp(true),
    close: async () => {},
  };
}

export async function aedesEnvironment(): Promise<TestEnvironment> {
  let broker = await startBroker();
  const port = Number(new URL(broker.url).port);
  return {
    url: broker.url,
    connect: () => connectBus(broker.url, options()),
    stopBroker: () => broker.stop(),
    startBroker: async () => {
      broker = await startBroker({ port });
    },
    close: () => broker.stop(),
  };
}

/** Debian's package puts it where users do not look. */
const MOSQUITTO_PATH = { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` };

export const hasMosquitto = (): boolean =>
  spawnSync("mosquitto", ["-h"], { env: MOSQUITTO_PATH }).error === undefined;

/** A real broker that speaks MQTT 5. */
export async function mosquittoEnvironment(): Promise<TestEnvironment> {
  const folder = mkdtempSync(join(tmpdir(), "sheaf-mosquitto-"));
  const port = await freePort();
  const config = join(folder, "mosquitto.conf");
  writeFileSync(
    config,
    `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_inflight_messages 0\nmax_queued_messages 0\n`,
  );
  const start = async () => {
    const child = spawn("mosquitto", ["-c", config], { env: MOSQUITTO_PATH, stdio: "ignore" });
    while (!(await answers(port))) await sleep(20);
    return child;
  };
  let child = await start();
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  const url = `mqtt://127.0.0.1:${port}`;
  return {
    url,
    connect: () => connectBus(url, options()),
    stopBroker: stop,
    startBroker: async () => {
      child = await start();
    },
    async close() {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
