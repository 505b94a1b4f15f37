import { createRandom } from "@sheaf/base";
import type { Result } from "ethers";
import { afterAll, describe, expect, it } from "vitest";
import { applyToModel, type Call } from "./model.ts";
import { emptyModel, type ModelState, states } from "./model-state.ts";
import { nextHappening } from "./random-calls.ts";
import {
  createWorld,
  everybody,
  expectSameJob,
  expectSameMoney,
  firstLicences,
  fundsOf,
  lower,
  type World,
  wealth,
} from "./world.ts";

const walks = Number(process.env["SHEAF_WALKS"] ?? 24);
const steps = 250;

/** `state: call` of every call that the walks made successfully, and `call: error` of every refusal. */
const seen = new Map<string, number>();
const note = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);

describe.each(Array.from({ length: walks }, (_, i) => i))("walk %i", (seed) => {
  it("agrees with the model, conserves value and can always be left [MARKET.1] [MARKET.2] [PAYMENT.1]", async () => {
    const random = createRandom(`market walk ${seed}`);
    const world = await createWorld(everybody);
    const model = emptyModel();
    for (const call of firstLicences()) await perform(world, model, call);
    setTime(world, model, 1_000n);

    for (let step = 0; step < steps; step++) {
      const happening = nextHappening(model, random);
      if ("jumpTo" in happening) setTime(world, model, happening.jumpTo);
      else await perform(world, model, happening.call);
    }
    await expectSameCredits(world, model);
    await expectSameTrades(world, model);
    await leaveEverything(world, model);
  }, 120_000);
});

afterAll(() => {
  if (process.env["SHEAF_WALK_REPORT"]) process.stdout.write(`${[...seen].sort().join("\n")}\n`);
});

it("went through the whole state machine", () => {
  const transitions = [
    "None: request",
    "Open: offer",
    "Open: award",
    "Open: cancel",
    "Open: expire",
    "Recruiting: invite",
    "Recruiting: join",
    "Recruiting: decline",
    "Recruiting: select",
    "Recruiting: expire",
    "Recruiting: abandon to Refunded",
    "Training: openRound",
    "Training: closeRound",
    "Training: takeOver",
    "Training: leaveJob",
    "Training: abandon",
    "Training: deliver",
    "Training: expire to Stopped",
    "Training: expire to Refunded",
    "Delivered: accept",
    "Delivered: settle",
    "Delivered: dispute",
    "Stopped: accept",
    "Stopped: expire",
    "Stopped: dispute",
    "Disputed: vote",
    "Disputed: vote to Settled",
    "Disputed: vote to Delivered",
    "Disputed: vote to Stopped",
    "Disputed: expire to Delivered",
    "Disputed: expire to Stopped",
    "Settled: rate",
    "Refunded: rate",
  ];
  expect(transitions.filter((each) => !seen.has(each))).toEqual([]);
});

function setTime(world: World, model: ModelState, now: bigint): void {
  model.now = now;
  world.chain.block.timestamp = now;
  world.chain.block.number += 1n;
}

/** The call on both sides: the same refusal, or the same new state. */
async function perform(world: World, model: ModelState, call: Call): Promise<void> {
  const id = typeof call.args[0] === "bigint" ? call.args[0] : 0n;
  const before = model.jobs[Number(id) - 1]?.state ?? "None";
  const expected = applyToModel(model, call);
  const { error } = await world.send(call);
  const what = `${call.name} by ${call.from} in ${before}: ${JSON.stringify(call.args, plain)}`;
  expect(error && lower(error), what).toBe(expected && lower(expected));
  if (expected !== undefined) {
    note(`${call.name}: ${expected.slice(0, expected.indexOf("("))}`);
    return;
  }
  const after = model.jobs[Number(id) - 1]?.state ?? "None";
  note(`${before}: ${call.name}`);
  if (after !== before) note(`${before}: ${call.name} to ${after}`);
  if (call.name === "request") await expectSameJob(world, model, BigInt(model.jobs.length));
  else if (after !== "None") await expectSameJob(world, model, id);
  await expectSameMoney(world, model);
}

async function expectSameCredits(world: World, model: ModelState): Promise<void> {
  for (const each of everybody) {
    expect(await world.market.read("credit", each), each).toBe(model.credits.get(each) ?? 0n);
  }
}

async function expectSameTrades(world: World, model: ModelState): Promise<void> {
  expect(await world.market.read("tradeCount")).toBe(BigInt(model.trades.length));
  const rows = await world.market.read<readonly Result[]>("trades", 0n, 10_000n);
  const stored = rows.map(({ job, kind, seller, buyer, amount, subject }) => ({
    job,
    kind: Number(kind),
    seller: lower(seller),
    buyer: lower(buyer),
    amount,
    subject,
  }));
  expect(stored).toEqual(model.trades);
}

/** [MARKET.22] Time passes; anybody ends every job; everybody takes what is due; nothing is left. */
async function leaveEverything(world: World, model: ModelState): Promise<void> {
  const [, , , , , , settled, refunded] = states;
  for (const [i, job] of model.jobs.entries()) {
    for (let exits = 0; job.state !== settled && job.state !== refunded; exits++) {
      expect(exits, `${job.state} has an exit`).toBeLessThan(4);
      setTime(world, model, model.now + 10_000n);
      await perform(world, model, {
        from: everybody.at(-1) as string,
        name: "expire",
        args: [BigInt(i + 1)],
      });
    }
  }
  for (const each of everybody) {
    if (model.credits.has(each)) await perform(world, model, { from: each, name: "withdraw", args: [] });
  }
  expect(await fundsOf(world)).toEqual([0n, 0n, 0n]);
  const total = await Promise.all(everybody.map((each) => world.chain.balanceOf(each)));
  expect(total.reduce((sum, each) => sum + each, 0n)).toBe(wealth * BigInt(everybody.length));
  const paid = model.jobs.filter(({ state }) => state === settled).reduce((sum, job) => sum + job.price, 0n);
  const traded = model.trades.reduce((sum, { amount }) => sum + amount, 0n);
  expect(traded <= paid).toBe(true);
}

const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}` : value);
