import { describe, expect, it } from "vitest";
import type { Address, MarketCall } from "../../../src/chain/types.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { calls } from "../support/table.ts";
import { startTraining } from "../support/training.ts";

/** The analyst delivers `change` of the weights that it found. */
async function delivered(change: (weight: bigint, place: number) => bigint) {
  const training = await startTraining({ owners: 3, spec: tinySpec("none") });
  training.table.rewriteCall = (_: Address, call: MarketCall): MarketCall =>
    call.method === "deliver" ? { ...call, weights: call.weights.map(change) } : call;
  const { table, analyst, owners } = training;
  await table.run(() => calls(analyst, "deliver").length > 0);
  await table.run(() => owners.some((owner) => calls(owner, "dispute").length > 0), 10_000);
  return owners.flatMap((owner) => calls(owner, "dispute"));
}

describe("weights by participation [DISPUTE.5]", () => {
  it("that are not the rounds survived are disputed as round 0", async () => {
    const disputes = await delivered((weight, place) => (place === 0 ? 3n * weight : weight));
    expect(disputes[0]).toMatchObject({ method: "dispute", job: 1n, round: 0 });
  });

  it("in their proportion are not", async () => {
    expect(await delivered((weight) => 3n * weight)).toEqual([]);
  });
});
