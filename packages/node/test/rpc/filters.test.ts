import { createVirtualClock, type Hex } from "@sheaf/base";
import { expect, test } from "vitest";
import { createFilters } from "../../src/rpc/filters.ts";

const hash = (value: number): Hex => `0x${value.toString(16).padStart(64, "0")}`;

test("a filter that is not polled for five minutes is gone [RPC.9]", () => {
  const clock = createVirtualClock();
  const filters = createFilters(clock, { onAdmitted() {} });
  const [kept, left] = [
    filters.add({ kind: "blocks", hashes: [] }),
    filters.add({ kind: "blocks", hashes: [] }),
  ];
  clock.runUntil(200_000);
  filters.poll(kept);
  clock.runUntil(400_000);
  expect(filters.poll(kept).kind).toBe("blocks");
  expect(() => filters.poll(left)).toThrow("filter not found");
});

test("filters are bounded in number, and in what waits for a poll [RPC.9]", () => {
  const filters = createFilters(createVirtualClock(), { onAdmitted() {} });
  const id = filters.add({ kind: "blocks", hashes: [] });
  for (let index = 0; index < 50_000; index++) filters.onHead(hash(index));
  const filter = filters.poll(id);
  const hashes = filter.kind === "blocks" ? filter.hashes : [];
  expect(hashes.length).toBeLessThanOrEqual(20_000);
  expect(hashes.at(-1)).toBe(hash(49_999));
  for (let index = 1; index < 1_000; index++) filters.add({ kind: "pending", hashes: [] });
  expect(() => filters.add({ kind: "pending", hashes: [] })).toThrow("too many filters");
});
