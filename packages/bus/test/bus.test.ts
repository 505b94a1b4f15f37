import { afterEach, describe, expect, test } from "vitest";
import { busSuite } from "../src/bus-suite.ts";
import { connectBus } from "../src/index.ts";
import {
  aedesEnvironment,
  hasMosquitto,
  memoryEnvironment,
  mosquittoEnvironment,
  type TestEnvironment,
} from "./support/environments.ts";

let environment: TestEnvironment | undefined;
afterEach(async () => {
  await environment?.close();
  environment = undefined;
});

const brokers = [
  { name: "memory", open: async () => memoryEnvironment(), skip: false },
  { name: "the embedded broker", open: aedesEnvironment, skip: false },
  { name: "mosquitto (MQTT 5)", open: mosquittoEnvironment, skip: !hasMosquitto() },
];

for (const { name, open, skip } of brokers) {
  describe.skipIf(skip)(name, () => {
    for (const { title, check } of busSuite) {
      test(title, async () => {
        environment = await open();
        await check(environment);
      });
    }
  });
}

describe("the version of MQTT", () => {
  test("[BUS.11] is 3.1.1 with the embedded broker, which refuses 5", async () => {
    environment = await aedesEnvironment();
    const bus = await connectBus(environment.url, { clientId: "version" });
    expect(bus.version).toBe(4);
    await bus.close();
  });

  test.skipIf(!hasMosquitto())("[BUS.11] is 5 with a broker that speaks it", async () => {
    environment = await mosquittoEnvironment();
    const bus = await connectBus(environment.url, { clientId: "version" });
    expect(bus.version).toBe(5);
    await bus.close();
  });
});
