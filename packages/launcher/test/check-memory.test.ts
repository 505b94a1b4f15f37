import { expect, test } from "vitest";
import { checkMemory } from "../src/index.ts";
import { fastNetwork } from "./support/program.ts";

test("more validators than the memory can hold are refused, with the number that fits", () => {
  const many = fastNetwork({ name: "a", replicas: 64, validators: 100 });
  expect(() => checkMemory(many, 64e9)).toThrow(
    expect.objectContaining({
      code: "INVALID_INPUT",
      message: expect.stringContaining("6400 validators, which need about 704.0 GB"),
      advice: expect.stringContaining("at most 581"),
    }),
  );
  expect(() => checkMemory(many, 705e9)).not.toThrow();
});

test("validators that are down, and chains that run already, need none", () => {
  const external = { name: "b", endpoints: ["http://127.0.0.1:1"] };
  const topology = fastNetwork({ name: "a", validators: 4, down: [3] }, external);
  expect(() => checkMemory(topology, 331e6)).not.toThrow();
  expect(() => checkMemory(topology, 329e6)).toThrow(/3 validators/);
  expect(() => checkMemory(fastNetwork(external), 0)).not.toThrow();
});
