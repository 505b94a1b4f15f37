import { describe, expect, it } from "vitest";
import {
  type AnalystPolicy,
  analystPolicySchema,
  type DataFacts,
} from "../../../src/agents/analyst/options.ts";
import { emptyRecord } from "../../../src/agents/analyst/saved.ts";
import { type AnalystContext, newAnalystJob } from "../../../src/agents/analyst/state.ts";
import { objectionTo, objectionToSize, weighRequest } from "../../../src/agents/analyst/weigh-request.ts";
import { initialModel } from "../../../src/agents/round/model.ts";
import { foldBlock } from "../../../src/agents/view/fold-events.ts";
import { emptyView, type JobFacts, type MarketView } from "../../../src/agents/view/market-view.ts";
import type { Terms } from "../../../src/chain/types.ts";
import { encodeJobSpec, type JobSpec } from "../../../src/job-spec.ts";
import { toyIdentity } from "../../simulation/identities.ts";
import { tinySpec } from "../../simulation/orders.ts";
import { initialWeights } from "../../simulation/tiny-model.ts";
import { portsFor } from "../support/look.ts";
import type { Seat } from "../support/table.ts";
import { blockOf, issued } from "../support/toy-market.ts";
import { CONSUMER, TERMS } from "../support/training.ts";

const analyst = toyIdentity(500);
const ports = portsFor({ address: analyst.address, identity: analyst } as Seat);
const study: DataFacts = { task: { kind: "classification", classes: 3 }, shape: [4], count: 30 };

interface Situation {
  readonly spec?: JobSpec | string;
  readonly terms?: Partial<Terms>;
  readonly policy?: Partial<Record<keyof AnalystPolicy, unknown>>;
  readonly validation?: DataFacts;
  readonly change?: (view: MarketView) => MarketView;
}

function asked({
  spec = tinySpec("secagg"),
  terms = {},
  policy = {},
  validation,
  change = (view) => view,
}: Situation): AnalystContext {
  const { events, block } = blockOf(1, 1_000_000, [
    issued("analyst", analyst.address),
    {
      job: 1n,
      event: "requested",
      consumer: CONSUMER,
      price: 999_999n,
      spec: typeof spec === "string" ? spec : encodeJobSpec(spec),
      terms: { ...TERMS, ...terms },
    },
  ]);
  const view = change(foldBlock(emptyView, block, events));
  const options = { ports, policy: analystPolicySchema.parse(policy), validation };
  return { options, view, facts: view.jobs.get(1n) as JobFacts, nowMs: 1_000_000 };
}

const valued = tinySpec("secagg", {
  privacy: { mode: "secagg", secagg: { groupSize: 3 } },
  contribution: { method: "gtg" },
});

describe("requests [ANALYST.1]", () => {
  const table: readonly (readonly [string | undefined, Situation])[] = [
    [undefined, {}],
    ["NOT_LICENSED", { change: (view) => ({ ...view, licences: { ...view.licences, analyst: new Set() } }) }],
    ["SPECIFICATION_INVALID", { spec: "{}" }],
    ["PRICE_TOO_LOW", { policy: { minimumPriceWei: 1_000_000n } }],
    ["NO_VALIDATION_DATA", { spec: valued }],
    ["NO_VALIDATION_DATA", { spec: valued, validation: { ...study, shape: [5] } }],
    ["NO_VALIDATION_DATA", { spec: valued, validation: { ...study, task: { kind: "regression" } } }],
    [undefined, { spec: valued, validation: study }],
    ["ROUND_TIME_TOO_SHORT", { terms: { roundSeconds: 13 } }],
    [undefined, { terms: { roundSeconds: 14 } }],
    ["TOO_MANY_ROUNDS_DEMANDED", { terms: { minRounds: 3 } }],
    // Pay in part is by `maxRounds`: rounds that can never be closed would make it small.
    ["MORE_ROUNDS_THAN_SPECIFIED", { terms: { maxRounds: 3 } }],
    ["DISPUTE_PERIOD_TOO_SHORT", { terms: { disputeSeconds: 29 } }],
    [undefined, { terms: { disputeSeconds: 29 }, policy: { minimumDisputeSeconds: 29 } }],
    [
      "TOO_MANY_JOBS",
      {
        policy: { maxJobs: 1 },
        change: (view) => {
          const job = view.jobs.get(1n) as JobFacts;
          return {
            ...view,
            jobs: new Map(view.jobs).set(2n, {
              ...job,
              job: 2n,
              state: "training",
              analyst: analyst.address,
            }),
          };
        },
      },
    ],
  ];
  it.each(table)("%s", (expected, situation) => {
    expect(objectionTo(asked(situation))).toBe(expected);
  });

  it("offers its share of the price, rounded down, once the model's size is known", () => {
    const job = newAnalystJob(1n, emptyRecord);
    const context = asked({ policy: { feeShare: 0.125 } });
    expect(weighRequest(context, job)[1]).toEqual([]);
    const spec = tinySpec("secagg");
    const known = { ...job, initial: initialModel(ports, spec, initialWeights(spec.seed)) };
    const [offered, outputs] = weighRequest(context, known);
    expect(outputs[1]).toMatchObject({ type: "transact", call: { method: "offer", job: 1n, fee: 124_999n } });
    expect(weighRequest(context, offered)[1]).toEqual([]);
  });

  it("asks that arbiters can be shown a round in one message [ANALYST.9]", () => {
    const open = asked({ spec: tinySpec("none"), terms: { maxOwners: 64 } });
    const sealed = asked({ spec: tinySpec("paillier"), terms: { maxOwners: 64 } });
    const few = asked({ spec: tinySpec("none"), terms: { maxOwners: 8 } });
    // The state, and an update and a signature of each owner.
    const most = (63 * 1024 * 1024 - 64 * 65) / 4;
    expect(objectionToSize(open, Math.floor(most / 65))).toBeUndefined();
    expect(objectionToSize(open, Math.floor(most / 65) + 1)).toBe("TRANSCRIPT_TOO_LARGE");
    expect(objectionToSize(few, Math.floor(most / 65) + 1)).toBeUndefined();
    expect(objectionToSize(sealed, Math.floor(most / 65))).toBe("TRANSCRIPT_TOO_LARGE");
  });

  it("passes over a model that is too large or does not build, and says why, once", () => {
    const job = newAnalystJob(1n, emptyRecord);
    const spec = tinySpec("secagg");
    const known = { ...job, initial: initialModel(ports, spec, initialWeights(spec.seed)) };
    const [passed, outputs] = weighRequest(asked({ policy: { maxParameters: 5 } }), known);
    expect(outputs).toMatchObject([{ type: "record", event: { what: "pass", because: "MODEL_TOO_LARGE" } }]);
    expect(weighRequest(asked({}), passed)[1]).toEqual([]);
    expect(weighRequest(asked({}), { ...job, unfit: "MODEL_DOES_NOT_BUILD" })[1]).toMatchObject([
      { event: { what: "pass", because: "MODEL_DOES_NOT_BUILD" } },
    ]);
  });
});
