import { spawn } from "node:child_process";
import { createRequire } from "node:module";

/** A node that runs. */
export interface Anvil {
  readonly pid: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** The program itself: the wrapper of the package leaves it running when it is killed. */
function anvilBinary(): string {
  const wrapper = createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json");
  const architecture = process.arch === "x64" ? "amd64" : process.arch;
  return createRequire(wrapper).resolve(`@foundry-rs/anvil-${process.platform}-${architecture}/bin/anvil`);
}

/** A real anvil on a free port of the loopback interface. */
export async function startAnvil(...options: readonly string[]): Promise<Anvil> {
  const child = spawn(anvilBinary(), ["--port", "0", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const listening = /Listening on 127\.0\.0\.1:(\d+)/.exec(text);
      if (listening?.[1] !== undefined) resolve(listening[1]);
    });
    child.once("error", reject);
    child.once("exit", (code) => reject(new RangeError(`anvil ended with ${code}: ${text}`)));
  });
  child.stdout.removeAllListeners("data").resume();
  return {
    pid: child.pid ?? 0,
    url: `http://127.0.0.1:${port}`,
    stop() {
      child.kill("SIGTERM");
      return exited;
    },
  };
}
