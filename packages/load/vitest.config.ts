import { defineConfig } from "vitest/config";

// Tests drive real nodes that make a block a second.
export default defineConfig({ test: { testTimeout: 60_000, hookTimeout: 30_000 } });
