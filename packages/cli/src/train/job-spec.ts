import type { Dataset } from "@sheaf/federated";
import { inputError } from "@sheaf/launcher";
import type { AgentConfigInput } from "@sheaf/marketplace";
import { encodeJobSpec, type JobSpec, parseJobSpec } from "@sheaf/marketplace";
import { checkOwners, type Training } from "./training-file.ts";

type Order = Extract<AgentConfigInput, { role: "consumer" }>["orders"][number];

/**
 * What the consumer asks for, when at most `owners` take part. Raises `INVALID_INPUT` for parts that contradict each
 * other, or that so many owners do not allow.
 */
export function toJobSpec(
  training: Training,
  { test, owners }: { readonly test: Dataset; readonly owners: number },
  seed: string,
): JobSpec {
  const { title, model, privacy, aggregation, contribution, phaseMs } = training;
  const { mode } = privacy;
  const [problem] = checkOwners(training, owners);
  if (problem !== undefined) throw inputError("training", problem);
  // A partition by a column may give fewer owners than the file expects.
  const { cohort } = training.training;
  const asked = cohort === "all" ? cohort : Math.min(cohort, owners);
  const spec = parseJobSpec(
    {
      version: 1,
      title,
      task: test.task,
      shape: test.shape,
      model,
      training: { ...training.training, cohort: asked },
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
  // What needs several groups must find them among those who are there.
  parseJobSpec({ ...spec, training: { ...spec.training, cohort: owners } }, "training");
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
