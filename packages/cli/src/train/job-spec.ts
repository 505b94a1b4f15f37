import type { AgentConfigInput } from "@sheaf/marketplace";
import { encodeJobSpec, type JobSpec, parseJobSpec } from "@sheaf/marketplace";
import type { PreparedData } from "./prepare-data.ts";
import type { Training } from "./training-file.ts";

type Order = Extract<AgentConfigInput, { role: "consumer" }>["orders"][number];

/** What the consumer asks for. Raises `INVALID_INPUT` for parts that contradict each other. */
export function toJobSpec(training: Training, { test }: Pick<PreparedData, "test">, seed: string): JobSpec {
  const { title, model, privacy, aggregation, contribution, phaseMs } = training;
  const { mode } = privacy;
  const spec = parseJobSpec(
    {
      version: 1,
      title,
      task: test.task,
      shape: test.shape,
      model,
      training: training.training,
      privacy: {
        mode,
        ...(mode.startsWith("secagg") ? { secagg: privacy.secagg } : {}),
        ...(mode.endsWith("dp")
          ? { dp: { ...privacy.dp, noise: mode === "dp" ? "central" : "distributed" } }
          : {}),
        // The consumer puts its own key's modulus there when it asks.
        ...(mode === "paillier" ? { paillier: { ...privacy.paillier, n: PLACEHOLDER } } : {}),
      },
      aggregation,
      contribution,
      phaseMs,
      seed,
    },
    "training",
  );
  encodeJobSpec(spec);
  return spec;
}

const PLACEHOLDER = "0x00";

/** The order that makes a consumer ask for it. */
export function toOrder(training: Training, owners: number, specFile: string): Order {
  const { rounds, convergence } = training.training;
  return {
    specFile,
    priceWei: training.priceWei,
    terms: {
      ...training.terms,
      minRounds: Math.min(convergence.minRounds, rounds),
      maxRounds: rounds,
      minOwners: 3,
      maxOwners: owners,
    },
  };
}
