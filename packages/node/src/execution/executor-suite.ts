import { contractCases } from "./suite/contract-suite.ts";
import type { ExecutorCase } from "./suite/engine.ts";
import { environmentCases } from "./suite/environment-suite.ts";
import { epochCases } from "./suite/epoch-suite.ts";
import { isolationCases } from "./suite/isolation-suite.ts";
import { transferCases } from "./suite/transfer-suite.ts";

export type { CreateExecutor, ExecutorCase } from "./suite/engine.ts";

/** What every execution engine must pass, for any test runner: `for (const {title, check} of executorSuite) ...`. */
export const executorSuite: readonly ExecutorCase[] = [
  ...transferCases,
  ...contractCases,
  ...environmentCases,
  ...isolationCases,
  ...epochCases,
];
