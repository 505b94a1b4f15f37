import { describe, expect, it } from "vitest";
import { eventsOf } from "../../simulation/puppet.ts";
import { codes, createDesk, endOf, methods, order, PRICE } from "./desk.ts";

describe("requesting", { timeout: 120_000 }, () => {
  it("locks the price of each order once, also of equal ones [CONSUMER.1]", async () => {
    const desk = await createDesk({ orders: [order, order, { ...order, priceWei: 77n }] });
    expect(eventsOf(desk.stage, "requested").map(({ price }) => price)).toEqual([PRICE, PRICE, 77n]);
    await desk.stage.run(10_000);
    expect(methods(desk).filter((method) => method === "request")).toHaveLength(3);
  });

  it("gives an order up with a code when it cannot pay, and goes on with the others [CONSUMER.1]", async () => {
    const desk = await createDesk({ orders: [order, { ...order, priceWei: 5n }], funds: 100n });
    await desk.stage.run(20_000);
    expect(codes(desk)).toContain("INSUFFICIENT_FUNDS");
    expect(eventsOf(desk.stage, "requested").map(({ price }) => price)).toEqual([5n]);
    expect(methods(desk).filter((method) => method === "request")).toHaveLength(2);
  });

  it("gives an order up whose terms the market refuses [CONSUMER.1]", async () => {
    const desk = await createDesk({ orders: [{ ...order, terms: { ...order.terms, minOwners: 2 } }] });
    expect(codes(desk)).toEqual(["BAD_TERMS"]);
  });

  it("does not request again after a crash that left the request on chain [CONSUMER.2]", async () => {
    const desk = await createDesk({ crash: { input: 3, outputs: 3, downMs: 4_000 } });
    await desk.stage.run(15_000);
    expect(desk.consumer.inputs).toBeGreaterThan(5);
    expect(eventsOf(desk.stage, "requested")).toHaveLength(1);
  });

  it("requests again when the first request was lost with the process [CONSUMER.2]", async () => {
    // the crash comes after `save` and before `transact`
    const desk = await createDesk({
      crash: { input: 3, outputs: 2, downMs: 1_000 },
      requestPatienceMs: 8_000,
    });
    expect(eventsOf(desk.stage, "requested")).toHaveLength(0);
    await desk.stage.run(9_000);
    expect(eventsOf(desk.stage, "requested")).toHaveLength(1);
  });

  it("cancels the second of two requests for one order [CONSUMER.2]", async () => {
    const desk = await createDesk();
    const [requested] = eventsOf(desk.stage, "requested");
    if (requested === undefined) throw new TypeError("no request");
    const { spec, terms, price } = requested;
    void desk.stage.chain.transact(desk.consumer.address, { method: "request", spec, terms, price });
    await desk.stage.run(5_000);
    expect(endOf(desk, 2n)).toBe("refunded");
    expect(endOf(desk, 1n)).toBeUndefined();
    expect(codes(desk)).toContain("SURPLUS");
  });
});

describe("awarding", { timeout: 120_000 }, () => {
  it("cancels when nobody has offered at the end of the window, and has its money back [CONSUMER.4]", async () => {
    const desk = await createDesk({ offerWindowMs: 6_000, funds: PRICE });
    await desk.stage.run(12_000);
    expect(endOf(desk, 1n)).toBe("refunded");
    expect(codes(desk)).toContain("NO_OFFER");
    expect(await desk.stage.chain.balance(desk.consumer.address)).toBe(PRICE);
  });

  it("awards to the lowest fee among unknown analysts, once the window is over [CONSUMER.3]", async () => {
    const desk = await createDesk({ offerWindowMs: 6_000 });
    const [first, second] = desk.analysts;
    await first?.transact({ method: "offer", job: 1n, fee: 900n });
    await second?.transact({ method: "offer", job: 1n, fee: 800n });
    expect(eventsOf(desk.stage, "awarded")).toHaveLength(0);
    await desk.stage.run(6_000);
    expect(eventsOf(desk.stage, "awarded").map(({ analyst }) => analyst)).toEqual([second?.address]);
  });

  it("passes over an analyst that lost its licence [CONSUMER.3]", async () => {
    const desk = await createDesk({ offerWindowMs: 6_000 });
    const [first, second] = desk.analysts;
    await first?.transact({ method: "offer", job: 1n, fee: 900n });
    await second?.transact({ method: "offer", job: 1n, fee: 800n });
    desk.stage.chain.license("revoke", second?.address ?? "0x", "analyst");
    await desk.stage.run(7_000);
    expect(eventsOf(desk.stage, "awarded").map(({ analyst }) => analyst)).toEqual([first?.address]);
  });

  it("leaves recruiting when its time is over [CONSUMER.9]", async () => {
    const desk = await createDesk({ offerWindowMs: 6_000, funds: PRICE });
    await desk.analysts[0]?.transact({ method: "offer", job: 1n, fee: 900n });
    await desk.stage.run(6_000);
    expect(eventsOf(desk.stage, "awarded")).toHaveLength(1);
    await desk.stage.run(40_000);
    expect(endOf(desk, 1n)).toBe("refunded");
    expect(await desk.stage.chain.balance(desk.consumer.address)).toBe(PRICE);
  });
});
