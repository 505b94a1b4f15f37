import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { invalidInput } from "@sheaf/base";

// Below the ranges from which Linux (32768) and macOS (49152) take the source ports of outgoing
// connections: a validator that is down for a while finds its port free when it returns.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** `count` ports of loopback that are free now, none of them in `taken`. Ports may be lost to others until used. */
export async function findFreePorts(
  count: number,
  taken: ReadonlySet<number> = new Set(),
): Promise<number[]> {
  const found: number[] = [];
  const start = randomInt(LOWEST, HIGHEST);
  for (let step = 0; step < HIGHEST - LOWEST && found.length < count; step++) {
    const port = LOWEST + ((start - LOWEST + step) % (HIGHEST - LOWEST));
    if (!taken.has(port) && (await isPortFree(port))) found.push(port);
  }
  if (found.length === count) return found;
  throw invalidInput(
    "127.0.0.1",
    `fewer than ${count} ports are free`,
    "end other programs that listen on it",
  );
}

/** Whether a server may listen on this port of loopback. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
