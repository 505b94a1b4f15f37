import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, expect, it, vi } from "vitest";
import { initBackend } from "../../src/index.ts";

const events = ["uncaughtException", "unhandledRejection"];
const listeners = (): number[] => events.map((event) => process.listenerCount(event));

afterEach(() => vi.restoreAllMocks());

/** Without `@tensorflow/tfjs-node` the fastest is wasm. */
const fastest = (): string => {
  try {
    createRequire(import.meta.url).resolve("@tensorflow/tfjs-node");
    return "tensorflow";
  } catch {
    return "wasm";
  }
};

it("starts wasm with SIMD from the package's own files and leaves the process as it was", async () => {
  const fetched = vi.spyOn(globalThis, "fetch");
  const before = listeners();
  const [first, second] = await Promise.all([initBackend("wasm"), initBackend()]);
  expect(first).toStrictEqual({ name: "wasm", version: "4.22.0" });
  expect(second).toBe(first);
  expect(await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT")).toBe(true);
  expect(fetched).not.toHaveBeenCalled();
  expect(listeners()).toStrictEqual(before);
});

it("changes when another backend is preferred, and stays when none is", async () => {
  expect((await initBackend("cpu")).name).toBe("cpu");
  expect((await initBackend()).name).toBe("cpu");
  expect(tf.getBackend()).toBe("cpu");
  expect((await initBackend("tensorflow")).name).toBe(fastest());
});

it("writes nothing to the console", async () => {
  const written = (["log", "info", "warn", "error"] as const).map((method) =>
    vi.spyOn(console, method).mockImplementation(() => undefined),
  );
  for (const name of ["wasm", "cpu"] as const) {
    await initBackend(name);
    tf.tidy(() => tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])).dataSync());
  }
  for (const spy of written) expect(spy).not.toHaveBeenCalled();
});
