import { it } from "vitest";
import { createAnalyst } from "../../src/agents/analyst/create-analyst.ts";
import { analystPolicySchema } from "../../src/agents/analyst/options.ts";
import { createConsumer } from "../../src/agents/consumer/create-consumer.ts";
import { createOwner } from "../../src/agents/owner/create-owner.ts";
import { ownerPolicySchema } from "../../src/agents/owner/options.ts";
import { toyIdentity } from "./identities.ts";
import { type Mode, shortTerms, tinySpec } from "./orders.ts";
import { createSimHost } from "./sim-host.ts";
import { blind, createStage } from "./stage.ts";
import { syntheticData } from "./tiny-model.ts";

for (const mode of (process.env["MODES"] ?? "none,secagg,dp,secagg+dp").split(",") as Mode[])
  it(mode, async () => {
    const t0 = performance.now();
    const stage = await createStage("x", { latencyMs: 5, jitterMs: 20 });
    const watch = {
      ...blind,
      recorded: (a: string, e: any) => {
        if (process.env["V"])
          console.log(
            stage.clock.now() - 1e6,
            a.slice(0, 6),
            JSON.stringify(e, (_, v) => (typeof v === "bigint" ? String(v) : v)).slice(0, 300),
          );
      },
      failed: (a: string, e: string, c: string) => console.log("FAILED", a.slice(0, 6), e, c),
    };
    const consumer = toyIdentity(1);
    const owners = [20, 21, 22, 23, 24].map(toyIdentity);
    const analysts = [10, 11, 12].map(toyIdentity);
    stage.license("consumer", consumer.address);
    stage.license("analyst", ...analysts.map((a) => a.address));
    stage.license("owner", ...owners.map((a) => a.address));
    await stage.fund(consumer.address, 1_000_000n);
    await stage.run(1500);
    const ports = { ...stage, watch };
    createSimHost(
      {
        identity: consumer,
        data: syntheticData(stage.random.fork("t"), 60),
        create: (p) =>
          createConsumer(
            { orders: [{ spec: tinySpec(mode), terms: shortTerms, priceWei: 10_007n }], offerWindowMs: 4000 },
            p,
          ),
      },
      ports,
    ).start();
    for (const identity of analysts) {
      const data = syntheticData(stage.random.fork("v"), 40);
      createSimHost(
        {
          identity,
          data,
          create: (p) => createAnalyst({ policy: analystPolicySchema.parse({}), validation: data }, p),
        },
        ports,
      ).start();
    }
    for (const identity of owners) {
      const data = syntheticData(stage.random.fork(identity.address), 20);
      createSimHost(
        { identity, data, create: (p) => createOwner({ policy: ownerPolicySchema.parse({}), data }, p) },
        ports,
      ).start();
    }
    await stage.run(120_000, () =>
      stage.chain.blocks.some((b) => b.events.some((e) => e.event === "settled" || e.event === "refunded")),
    );
    await stage.run(5_000);
    for (const b of stage.chain.blocks)
      for (const e of b.events)
        if (!["issued"].includes(e.event))
          console.log(
            b.number,
            e.event,
            (e as any).round ?? "",
            (e as any).outcome ?? "",
            (e as any).amount ?? "",
            (e as any).kind ?? "",
          );
    console.log(mode, "now", stage.clock.now() - 1e6, "ms", performance.now() - t0);
  }, 60000);
