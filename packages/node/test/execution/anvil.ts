import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { sleep } from "@sheaf/base";

/** The program itself: the wrapper of the package leaves it running when it is killed. */
function anvilBinary(): string {
  const wrapper = createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json");
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  return createRequire(wrapper).resolve(`@foundry-rs/anvil-${process.platform}-${architecture}/bin/anvil`);
}

/** A running anvil: another implementation of the EVM, to compare with. */
export interface Anvil {
  call<T>(method: string, ...params: readonly unknown[]): Promise<T>;
  stop(): Promise<void>;
}

export async function startAnvil(...options: readonly string[]): Promise<Anvil> {
  const port = await freePort();
  const child = spawn(anvilBinary(), ["--port", String(port), "--silent", ...options], { stdio: "ignore" });
  let id = 0;

  async function call<T>(method: string, ...params: readonly unknown[]): Promise<T> {
    id += 1;
    const response = await fetch(`http://127.0.0.1:${port}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id, method, params }),
    });
    const answer = (await response.json()) as { result?: T; error?: { message: string } };
    if (answer.error !== undefined) throw new TypeError(`${method}: ${answer.error.message}`);
    return answer.result as T;
  }

  for (let left = 100; left > 0; left--) {
    try {
      await call("eth_chainId");
      return { call, stop: () => stop(child) };
    } catch {
      await sleep(100);
    }
  }
  await stop(child);
  throw new TypeError("anvil does not answer");
}

async function stop(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
