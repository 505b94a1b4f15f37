import { defineConfig } from "vitest/config";

// Enumerations of all partitions take some seconds on a busy machine.
export default defineConfig({ test: { testTimeout: 60_000 } });
