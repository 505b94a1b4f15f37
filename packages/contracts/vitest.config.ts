import { defineConfig } from "vitest/config";

// Tests compile with solc and run thousands of calls in an EVM written in JavaScript.
export default defineConfig({ test: { testTimeout: 60_000, hookTimeout: 60_000 } });
