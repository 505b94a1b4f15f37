import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folders of the house (ARCHITECTURE.md), found from this file. */
const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");

export const layout = {
  root,
  benchmarks: join(root, "benchmarks"),
  networks: join(root, "networks"),
  reports: join(root, "reports"),
  /** Data of networks: keys, stores, logs. Not committed. */
  state: join(root, ".sheaf"),
} as const;

/** The validator program, which the launcher starts. */
export const validatorProgram = fileURLToPath(import.meta.resolve("@sheaf/node/main"));

/** The agent program of the market, which `bench train` and `bench agent` start. */
export const agentProgram = fileURLToPath(import.meta.resolve("@sheaf/marketplace/agent-main"));
