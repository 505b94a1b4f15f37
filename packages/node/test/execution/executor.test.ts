import { describe, it } from "vitest";
import { createEvmExecutor } from "../../src/execution/evm-executor.ts";
import { executorSuite } from "../../src/execution/executor-suite.ts";

describe("the EVM executor", () => {
  for (const { title, check } of executorSuite) it(title, () => check(createEvmExecutor), 60_000);
});
