import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import type { Hex } from "@sheaf/base";

/** First account of anvil's well-known mnemonic. */
export const anvilKey: Hex = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

/** A node that runs. */
export interface Anvil {
  readonly host: "127.0.0.1";
  readonly port: number;
  stop(): Promise<void>;
}

/** The program itself: the wrapper of the package leaves it running when it is killed. */
function anvilBinary(): string {
  const wrapper = createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json");
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  return createRequire(wrapper).resolve(`@foundry-rs/anvil-${process.platform}-${architecture}/bin/anvil`);
}

/** A real anvil on a free port of the loopback interface. */
export async function startAnvil(blockSeconds = 1): Promise<Anvil> {
  const args = ["--port", "0", "--block-time", String(blockSeconds), "--gas-limit", "100000000"];
  const child = spawn(anvilBinary(), args, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const port = await new Promise<number>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const listening = /Listening on 127\.0\.0\.1:(\d+)/.exec(text);
      if (listening?.[1] !== undefined) resolve(Number(listening[1]));
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new RangeError(`anvil ended with ${code}: ${text}`)));
  });
  child.stdout.removeAllListeners("data").resume();
  return {
    host: "127.0.0.1",
    port,
    stop() {
      child.kill("SIGTERM");
      return exited;
    },
  };
}
