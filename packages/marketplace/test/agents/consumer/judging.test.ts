import { hexToBytes } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import { tinySpec } from "../../simulation/orders.ts";
import { eventsOf, type Puppet } from "../../simulation/puppet.ts";
import {
  codes,
  createDesk,
  type Desk,
  type DeskOptions,
  deliver,
  endOf,
  methods,
  model,
  modelHash,
  order,
  PRICE,
  trainTo,
} from "./desk.ts";

const BOND = PRICE / 20n;
const demanding = { ...order, spec: tinySpec("none", { quality: { minAccuracy: 0.99 } }) };

async function delivered(options: DeskOptions = {}, rounds = 2): Promise<Desk> {
  const desk = await createDesk({ offerWindowMs: 5_000, ...options });
  await trainTo(desk, 1n, rounds);
  await deliver(desk, 1n);
  return desk;
}

function sendModel(desk: Desk, from: Puppet | undefined, state: Uint8Array): void {
  from?.send(desk.consumer.address, 1n, "model.deliver", { state });
}

const ratings = (desk: Desk) =>
  eventsOf(desk.stage, "rated").map(({ subject, positive, negative, uncertain }) => [
    subject,
    `${positive}/${negative}/${uncertain}`,
  ]);

async function vote(desk: Desk, upheld: boolean): Promise<void> {
  for (const arbiter of desk.analysts.slice(1)) await arbiter.transact({ method: "vote", job: 1n, upheld });
}

describe("the model", { timeout: 120_000 }, () => {
  it("is accepted when it is the one on chain, and its analyst rated well [CONSUMER.5] [CONSUMER.8] [CONSUMER.10]", async () => {
    const desk = await delivered();
    sendModel(desk, desk.analysts[0], model);
    await desk.stage.run(9_000);
    expect(endOf(desk, 1n)).toBe("full");
    expect(ratings(desk)).toEqual([[desk.analysts[0]?.address, "1/0/0"]]);
    expect(desk.records).toContainEqual(expect.objectContaining({ kind: "evaluated", missed: [] }));
  });

  it("is not accepted before owners had the time to dispute [CONSUMER.14]", async () => {
    const desk = await delivered();
    sendModel(desk, desk.analysts[0], model);
    await desk.stage.run(3_000);
    expect(endOf(desk, 1n)).toBeUndefined();
    const owner = desk.owners[0] as Puppet;
    await desk.stage.fund(owner.address, BOND);
    expect(await owner.transact({ method: "dispute", job: 1n, round: 1, bond: BOND })).toBeUndefined();
    await vote(desk, false);
    await desk.stage.run(9_000);
    expect(endOf(desk, 1n)).toBe("full");
  });

  it("may come before its hash is on chain [CONSUMER.5]", async () => {
    const desk = await createDesk({ offerWindowMs: 5_000 });
    await trainTo(desk, 1n, 1);
    sendModel(desk, desk.analysts[0], model);
    await desk.stage.run(1_500);
    await deliver(desk, 1n);
    await desk.stage.run(9_000);
    expect(endOf(desk, 1n)).toBe("full");
  });

  it("is asked for at the analyst, then at the owners too; whoever has it may send it [CONSUMER.5]", async () => {
    const desk = await delivered();
    await desk.stage.run(2_500);
    expect(desk.analysts[0]?.messages.map(({ kind }) => kind)).toContain("model.request");
    expect(desk.owners[0]?.messages).toEqual([]);
    await desk.stage.run(4_500);
    expect(desk.owners[0]?.messages.map(({ kind }) => kind)).toContain("state.request");
    desk.owners[0]?.send(desk.consumer.address, 1n, "state.answer", { state: model });
    await desk.stage.run(5_000);
    expect(endOf(desk, 1n)).toBe("full");
  });

  it("that never comes is withheld: the last round is disputed, upheld, and the analyst has no fee [CONSUMER.6] [CONSUMER.7] [CONSUMER.10]", async () => {
    const desk = await delivered();
    await desk.stage.run(20_000);
    expect(eventsOf(desk.stage, "disputed")).toMatchObject([
      { round: 2, accused: desk.analysts[0]?.address },
    ]);
    expect(codes(desk)).toContain("NO_MODEL");
    await vote(desk, true);
    await desk.stage.run(9_000);
    expect(endOf(desk, 1n)).toBe("upheld");
    expect(ratings(desk)).toEqual([[desk.analysts[0]?.address, "0/1/0"]]);
    const credits = eventsOf(desk.stage, "credited").filter(
      ({ account }) => account === desk.analysts[0]?.address,
    );
    expect(credits).toEqual([]);
    expect(await desk.stage.chain.readMarket("credit", desk.consumer.address)).toBe(0n);
  });

  it("that is another one counts as wrong; the right one that an arbiter sends is accepted after all [CONSUMER.6] [CONSUMER.7]", async () => {
    const desk = await delivered();
    sendModel(
      desk,
      desk.analysts[0],
      model.map((byte, index) => (index === 20 ? byte ^ 1 : byte)),
    );
    await desk.stage.run(20_000);
    expect(codes(desk)).toContain("WRONG_MODEL");
    expect(eventsOf(desk.stage, "disputed")).toHaveLength(1);
    sendModel(desk, desk.analysts[1], model);
    await vote(desk, false);
    await desk.stage.run(9_000);
    expect(endOf(desk, 1n)).toBe("full");
    expect(ratings(desk)).toEqual([[desk.analysts[0]?.address, "1/0/0"]]);
  });

  it("is paid for partly, and asked for, when training stopped without a delivery [CONSUMER.5] [CONSUMER.9]", async () => {
    const desk = await createDesk({ offerWindowMs: 5_000 });
    await trainTo(desk, 1n, 2);
    await desk.stage.run(48_000);
    expect(eventsOf(desk.stage, "stopped")).toHaveLength(1);
    desk.owners[2]?.send(desk.consumer.address, 1n, "state.answer", { state: model });
    await desk.stage.run(9_000);
    expect(endOf(desk, 1n)).toBe("partial");
    expect(ratings(desk)).toEqual([[desk.analysts[0]?.address, "0/1/0"]]);
  });
});

describe("quality", { timeout: 120_000 }, () => {
  it("below what was declared leads to the dispute of one round; rejected, the model is accepted [CONSUMER.8]", async () => {
    const desk = await delivered({ orders: [demanding] });
    sendModel(desk, desk.analysts[0], model);
    await desk.stage.run(4_000);
    expect(codes(desk)).toContain("POOR_QUALITY");
    expect([1, 2]).toContain(eventsOf(desk.stage, "disputed")[0]?.round);
    await vote(desk, false);
    await desk.stage.run(9_000);
    expect(endOf(desk, 1n)).toBe("full");
    expect(ratings(desk)).toEqual([[desk.analysts[0]?.address, "0/0/1"]]);
    const bonds = eventsOf(desk.stage, "credited").filter(({ kind }) => kind === "bond");
    expect(bonds).toMatchObject([{ account: desk.analysts[0]?.address, amount: BOND }]);
  });

  it("below what was declared is not accepted early when nobody decided the dispute: the period runs out [CONSUMER.8]", async () => {
    const desk = await delivered({ orders: [demanding] });
    sendModel(desk, desk.analysts[0], model);
    await desk.stage.run(100_000, () => eventsOf(desk.stage, "disputeLapsed").length > 0);
    expect(eventsOf(desk.stage, "disputeLapsed")).toMatchObject([{ by: desk.consumer.address }]);
    await desk.stage.run(1_000 * (order.terms.disputeSeconds - 2));
    expect(endOf(desk, 1n)).toBeUndefined();
    await desk.stage.run(10_000);
    expect(endOf(desk, 1n)).toBe("full");
    expect(methods(desk)).not.toContain("accept");
    expect(ratings(desk)).toEqual([[desk.analysts[0]?.address, "0/0/1"]]);
  });

  it("below what was declared is accepted where the consumer's policy says so [CONSUMER.8]", async () => {
    const desk = await delivered({ orders: [demanding], onPoorQuality: "accept" });
    sendModel(desk, desk.analysts[0], model);
    await desk.stage.run(9_000);
    expect(endOf(desk, 1n)).toBe("full");
    expect(eventsOf(desk.stage, "disputed")).toEqual([]);
  });

  it("that cannot be measured does not hinder the acceptance [CONSUMER.8]", async () => {
    const desk = await delivered({ orders: [demanding], data: false });
    sendModel(desk, desk.analysts[0], model);
    await desk.stage.run(9_000);
    expect(endOf(desk, 1n)).toBe("full");
    expect(codes(desk)).toContain("NO_DATA");
  });
});

describe("trouble", { timeout: 120_000 }, () => {
  it("without money for a bond lets the dispute period run out, and is settled [CONSUMER.9]", async () => {
    const desk = await delivered({ funds: PRICE + BOND - 1n });
    await desk.stage.run(40_000);
    expect(codes(desk)).toContain("INSUFFICIENT_FUNDS");
    expect(endOf(desk, 1n)).toBe("full");
    expect(methods(desk).filter((method) => method === "dispute")).toHaveLength(1);
  });

  it("with arbiters that do not vote ends the dispute at its deadline, and has the bond back [CONSUMER.9]", async () => {
    const desk = await delivered();
    // The dispute's period, and one more in which others may dispute [MARKET.21].
    await desk.stage.run(100_000);
    expect(endOf(desk, 1n)).toBe("full");
    const bonds = eventsOf(desk.stage, "credited").filter(({ kind }) => kind === "bond");
    expect(bonds).toMatchObject([{ account: desk.consumer.address, amount: BOND }]);
  });

  it("of a crash at any input after the delivery changes nothing of the end [CONSUMER.11]", async () => {
    const calm = await delivered();
    const before = calm.consumer.inputs;
    sendModel(calm, calm.analysts[0], model);
    await calm.stage.run(8_000);
    const after = calm.consumer.inputs;
    for (let input = before + 1; input <= after; input++) {
      for (const outputs of [0, 1, 2]) {
        const desk = await delivered({ crash: { input, outputs, downMs: 1_500 } });
        sendModel(desk, desk.analysts[0], model);
        await desk.stage.run(9_000);
        if (asked(desk)) sendModel(desk, desk.analysts[0], model);
        await desk.stage.run(12_000);
        expect([input, outputs, endOf(desk, 1n)]).toEqual([input, outputs, "full"]);
        expect(await desk.stage.chain.readMarket("credit", desk.consumer.address)).toBe(0n);
      }
    }
  });

  it("refuses messages that are none of its business, and stays as it is", async () => {
    const desk = await delivered();
    desk.analysts[1]?.send(desk.consumer.address, 9n, "model.deliver", { state: model });
    desk.analysts[1]?.send(desk.consumer.address, 1n, "round.confirm", {
      round: 1,
      attempt: 1,
      signature: hexToBytes(modelHash),
    });
    await desk.stage.run(1_000);
    expect(codes(desk)).toEqual(expect.arrayContaining(["NOT_MY_JOB", "UNEXPECTED"]));
  });
});

/** Whether the analyst was asked for the model. */
function asked({ analysts }: Desk): boolean {
  return analysts[0]?.messages.some(({ kind }) => kind === "model.request") ?? false;
}
