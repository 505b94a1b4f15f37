import { randomBytes } from "node:crypto";
import { errorMessage, invalidInput, type Millis } from "@sheaf/base";
import { type BusOptions, connectBus } from "@sheaf/bus";

const WITHIN_MS: Millis = 3_000;

/** Connects to a broker once, so that a wrong address costs no run. Raises `INVALID_INPUT` naming `option`. */
export async function reachBroker(
  option: string,
  url: string,
  credentials: Omit<BusOptions, "clientId" | "limits"> = {},
): Promise<void> {
  const clientId = `sheaf-${randomBytes(6).toString("hex")}`;
  const limits = { connectWithinMs: WITHIN_MS };
  const bus = await connectBus(url, { ...credentials, clientId, limits }).catch((error: unknown) => {
    throw invalidInput(option, errorMessage(error), "name a broker that runs and lets you in");
  });
  await bus.close();
}
