import { defineConfig } from "vitest/config";

// A network of real processes takes some seconds to start on a busy machine.
export default defineConfig({ test: { testTimeout: 120_000, hookTimeout: 60_000 } });
