import { constants } from "node:fs";
import { access, mkdir, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { availableParallelism, freemem, totalmem } from "node:os";
import { errorMessage } from "@sheaf/base";
import { secp256k1 } from "@sheaf/protocol";
import { layout } from "../layout.ts";
import { timeRecoveries } from "../run/environment.ts";

/** One finding about this machine. `fail` keeps benchmarks from running, `warn` makes them slower or less exact. */
export interface Finding {
  readonly check: string;
  readonly level: "ok" | "warn" | "fail";
  readonly found: string;
}

const GIGABYTE = 1e9;

/** `bench doctor`: what a run needs of this machine. */
export async function examineMachine(): Promise<readonly Finding[]> {
  return [
    nodeVersion(),
    cores(),
    memory(),
    signatures(),
    await library("report database (DuckDB)", async () => void (await import("@sheaf/reports"))),
    await library("validator program", async () => void (await import("@sheaf/node"))),
    await folder("reports", layout.reports),
    await folder("network data", layout.state),
    await loopback(),
  ];
}

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const fits = major > 20 || (major === 20 && minor >= 19);
  return {
    check: "Node",
    level: fits ? "ok" : "fail",
    found: `${process.version}${fits ? "" : ", needs 20.19 or newer"}`,
  };
}

function cores(): Finding {
  const count = availableParallelism();
  const words =
    count < 2 ? "1 core: validators and driver will share it; figures are bound by it" : `${count} cores`;
  return { check: "cores", level: count < 2 ? "warn" : "ok", found: words };
}

function memory(): Finding {
  const total = totalmem() / GIGABYTE;
  const free = freemem() / GIGABYTE;
  const words = `${free.toFixed(1)} of ${total.toFixed(1)} GB free`;
  return free < 3
    ? { check: "memory", level: "warn", found: `${words}; twelve validators and the driver take about 3 GB` }
    : { check: "memory", level: "ok", found: words };
}

function signatures(): Finding {
  const rate = `${Math.round(timeRecoveries()).toLocaleString("en-US")} recoveries a second on one core`;
  return secp256k1.name === "native"
    ? { check: "signatures", level: "ok", found: `libsecp256k1, ${rate}` }
    : {
        check: "signatures",
        level: "warn",
        found: `no binary for this platform, JavaScript instead: ${rate}`,
      };
}

async function library(check: string, load: () => Promise<void>): Promise<Finding> {
  try {
    await load();
    return { check, level: "ok", found: "loads" };
  } catch (error) {
    return { check, level: "fail", found: `${errorMessage(error)}; remove node_modules and run again` };
  }
}

async function folder(check: string, path: string): Promise<Finding> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
    const { bavail, bsize } = await statfs(path);
    const free = (bavail * bsize) / GIGABYTE;
    const words = `${path}, ${free.toFixed(1)} GB free`;
    return { check, level: free < 2 ? "warn" : "ok", found: words };
  } catch (error) {
    return { check, level: "fail", found: errorMessage(error) };
  }
}

function loopback(): Promise<Finding> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve({ check: "loopback", level: "fail", found: error.message }));
    server.listen(0, "127.0.0.1", () => {
      server.close(() => resolve({ check: "loopback", level: "ok", found: "listens on 127.0.0.1" }));
    });
  });
}
