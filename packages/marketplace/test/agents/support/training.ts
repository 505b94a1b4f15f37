import { createRandom } from "@sheaf/base";
import type { Dataset } from "@sheaf/federated";
import { createAnalyst } from "../../../src/agents/analyst/create-analyst.ts";
import { type AnalystPolicy, analystPolicySchema } from "../../../src/agents/analyst/options.ts";
import { createOwner } from "../../../src/agents/owner/create-owner.ts";
import { ownerPolicySchema } from "../../../src/agents/owner/options.ts";
import type { Address, Terms } from "../../../src/chain/types.ts";
import { encodeJobSpec, type JobSpec } from "../../../src/job-spec.ts";
import { toyIdentity } from "../../simulation/identities.ts";
import { everyMode } from "../../simulation/orders.ts";
import { syntheticData } from "../../simulation/tiny-model.ts";
import { createTable, type Seat, type Table } from "./table.ts";
import { issued } from "./toy-market.ts";

export const TERMS: Terms = {
  offerSeconds: 60,
  recruitSeconds: 60,
  roundSeconds: 120,
  resumeSeconds: 60,
  disputeSeconds: 60,
  minRounds: 1,
  maxRounds: 2,
  minOwners: 3,
  maxOwners: 64,
};

export const CONSUMER: Address = toyIdentity(900).address;

export interface TrainingOptions {
  readonly owners?: number;
  readonly analysts?: number;
  readonly spec: JobSpec;
  readonly terms?: Partial<Terms>;
  readonly seed?: string;
  readonly policy?: Partial<AnalystPolicy>;
  readonly ownerPolicy?: Record<string, unknown>;
  /** Before anybody takes a seat. */
  readonly prepare?: (table: Table) => void;
  /** Samples of the analysts' validation set; none unless given. */
  readonly validation?: number;
}

export interface Training {
  readonly table: Table;
  readonly owners: readonly Seat[];
  readonly analysts: readonly Seat[];
  readonly analyst: Seat;
  readonly data: readonly Dataset[];
  readonly validation: Dataset;
}

/** A consumer asks for a model of the tiny study, and awards the first analyst; the rest is the agents'. */
export async function startTraining(options: TrainingOptions): Promise<Training> {
  const {
    owners: count = 5,
    analysts: others = 1,
    spec,
    seed = "training",
    policy = {},
    ownerPolicy = {},
  } = options;
  const table = createTable(seed);
  options.prepare?.(table);
  const random = createRandom(seed);
  const validation = syntheticData(random.fork("validation"), options.validation ?? 60);
  const facts = options.validation === undefined ? undefined : validation;
  const data = Array.from({ length: count }, (_, index) =>
    syntheticData(random.fork(`owner ${index}`), 20 + 3 * index),
  );
  const analysts = Array.from({ length: others }, (_, index) =>
    table.seat(
      500 + index,
      (ports) =>
        createAnalyst({ policy: { ...analystPolicySchema.parse({}), ...policy }, validation: facts }, ports),
      facts,
    ),
  );
  const owners = data.map((set, index) =>
    table.seat(
      100 + index,
      (ports) =>
        createOwner(
          { policy: ownerPolicySchema.parse({ modes: everyMode, ...ownerPolicy }), data: set },
          ports,
        ),
      set,
    ),
  );
  table.mine([
    ...owners.map(({ address }) => issued("owner", address)),
    ...analysts.map(({ address }) => issued("analyst", address)),
    issued("consumer", CONSUMER),
  ]);
  const terms = { ...TERMS, maxRounds: spec.training.rounds, ...options.terms };
  table.call(CONSUMER, { method: "request", spec: encodeJobSpec(spec), terms, price: 1_000_000n });
  const analyst = analysts[0] as Seat;
  await table.run(() => analysts.every(({ address }) => hasOffered(table, address)));
  table.call(CONSUMER, { method: "award", job: 1n, analyst: analyst.address });
  return { table, owners, analysts, analyst, data, validation };
}

function hasOffered(table: Table, analyst: Address): boolean {
  return table.blocks.some(({ events }) =>
    events.some((event) => event.event === "offered" && event.analyst === analyst),
  );
}
