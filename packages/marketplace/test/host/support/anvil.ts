import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { sleep } from "@sheaf/base";

/** The program itself: the wrapper of the package leaves it running when it is killed. */
function anvilBinary(): string {
  const wrapper = createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json");
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  return createRequire(wrapper).resolve(`@foundry-rs/anvil-${process.platform}-${architecture}/bin/anvil`);
}

/** A chain for tests: an EVM that makes a block a second. */
export interface Anvil {
  readonly url: string;
  /** Gives an account coins. */
  fund(address: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startAnvil(): Promise<Anvil> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(anvilBinary(), ["--port", String(port), "--silent", "--block-time", "1"], {
    stdio: "ignore",
  });
  const call = async (method: string, ...params: readonly unknown[]): Promise<void> => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    await response.json();
  };
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  };
  for (let left = 100; left > 0; left--) {
    try {
      await call("eth_chainId");
      return { url, fund: (address) => call("anvil_setBalance", address, "0xde0b6b3a7640000"), stop };
    } catch {
      await sleep(100);
    }
  }
  await stop();
  throw new TypeError("anvil does not answer");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}
