import { createBudget, spend } from "@sheaf/federated";
import { describe, expect, it } from "vitest";
import { type OwnerPolicy, ownerPolicySchema } from "../../../src/agents/owner/options.ts";
import { emptyRecord } from "../../../src/agents/owner/saved.ts";
import { newOwnerJob, type OwnerContext } from "../../../src/agents/owner/state.ts";
import {
  answerInvitation,
  makeInitialModel,
  objectionTo,
} from "../../../src/agents/owner/weigh-invitation.ts";
import { initialModel } from "../../../src/agents/round/model.ts";
import { foldBlock } from "../../../src/agents/view/fold-events.ts";
import { emptyView, type JobFacts, type MarketView } from "../../../src/agents/view/market-view.ts";
import { encodeJobSpec, type JobSpec } from "../../../src/job-spec.ts";
import { toyIdentity } from "../../simulation/identities.ts";
import { everyMode, tinySpec } from "../../simulation/orders.ts";
import { initialWeights } from "../../simulation/tiny-model.ts";
import { portsFor } from "../support/look.ts";
import type { Seat } from "../support/table.ts";
import { blockOf, issued } from "../support/toy-market.ts";
import { CONSUMER, TERMS } from "../support/training.ts";

const owner = toyIdentity(100);
const analyst = toyIdentity(500).address;
const ports = portsFor({ address: owner.address, identity: owner } as Seat);
const data = { task: { kind: "classification", classes: 3 }, shape: [4], count: 40 } as const;

interface Situation {
  readonly spec?: JobSpec | string;
  readonly terms?: Partial<JobFacts["terms"]>;
  readonly policy?: Partial<Record<keyof OwnerPolicy, unknown>>;
  readonly data?: OwnerContext["options"]["data"];
  readonly change?: (view: MarketView) => MarketView;
  readonly budget?: OwnerContext["budget"];
}

/** An owner that is invited to a job at a price of 1,000,000 and no fee. */
function invited(situation: Situation): OwnerContext {
  const { spec = tinySpec("secagg"), policy = {}, change = (view) => view } = situation;
  const { events, block } = blockOf(1, 1_000_000, [
    issued("owner", owner.address),
    issued("analyst", analyst),
    {
      job: 1n,
      event: "requested",
      consumer: CONSUMER,
      price: 1_000_000n,
      spec: typeof spec === "string" ? spec : encodeJobSpec(spec),
      terms: { ...TERMS, ...situation.terms },
    },
    { job: 1n, event: "awarded", analyst, fee: 0n },
    { job: 1n, event: "invited", owners: [owner.address] },
  ]);
  const view = change(foldBlock(emptyView, block, events));
  const facts = view.jobs.get(1n) as JobFacts;
  const options = {
    ports,
    policy: ownerPolicySchema.parse({ ...policy, ...("modes" in policy ? {} : { modes: everyMode }) }),
    data: situation.data ?? data,
  };
  return { options, view, facts, nowMs: 1_000_000, budget: situation.budget };
}

const dpSpec = tinySpec("dp");
const spent = spend(createBudget({ epsilonLimit: 3, delta: 1e-5 }), {
  job: "another",
  mechanism: { noiseMultiplier: 1.8 },
});

describe("invitations [OWNER.1]", () => {
  const without = (role: "owner" | "analyst") => (view: MarketView) => ({
    ...view,
    licences: { ...view.licences, [role]: new Set<`0x${string}`>() },
  });
  const table: readonly (readonly [string | undefined, Situation])[] = [
    [undefined, {}],
    ["NOT_LICENSED", { change: without("owner") }],
    ["ANALYST_NOT_LICENSED", { change: without("analyst") }],
    ["SPECIFICATION_INVALID", { spec: '{"version":2}' }],
    ["SPECIFICATION_INVALID", { spec: "no JSON" }],
    ["DATA_DOES_NOT_FIT", { data: { ...data, shape: [5] } }],
    ["DATA_DOES_NOT_FIT", { data: { ...data, shape: [2, 2] } }],
    ["DATA_DOES_NOT_FIT", { data: { ...data, task: { kind: "classification", classes: 4 } } }],
    ["DATA_DOES_NOT_FIT", { data: { ...data, task: { kind: "regression" } } }],
    ["DATA_DOES_NOT_FIT", { data: { ...data, count: 0 } }],
    ["PRIVACY_MODE_NOT_ACCEPTED", { spec: tinySpec("none"), policy: { modes: undefined } }],
    ["PRIVACY_MODE_NOT_ACCEPTED", { policy: { modes: ["dp"] } }],
    [
      "GROUPS_TOO_SMALL",
      {
        spec: tinySpec("secagg", { privacy: { mode: "secagg", secagg: { groupSize: 3 } } }),
        policy: { minimumGroup: 4 },
      },
    ],
    [undefined, { policy: { minimumShareWei: 1_000_000n / 64n } }],
    ["PRICE_TOO_LOW", { policy: { minimumShareWei: 1_000_000n / 64n + 1n } }],
    ["MORE_ROUNDS_THAN_SPECIFIED", { terms: { maxRounds: 3 } }],
    ["DISPUTE_PERIOD_TOO_SHORT", { terms: { disputeSeconds: 29 } }],
    [undefined, { terms: { disputeSeconds: 29 }, policy: { minimumDisputeSeconds: 10 } }],
    ["ANALYST_NOT_TRUSTED", { policy: { minimumTrust: 0.6 } }],
    [undefined, { spec: dpSpec }],
    [undefined, { spec: dpSpec, budget: createBudget({ epsilonLimit: 50, delta: 1e-5 }) }],
    ["PRIVACY_BUDGET_EXHAUSTED", { spec: dpSpec, budget: createBudget({ epsilonLimit: 1, delta: 1e-5 }) }],
    [undefined, { spec: dpSpec, budget: createBudget({ epsilonLimit: 3.5, delta: 1e-5 }) }],
    // What other jobs have spent counts.
    ["PRIVACY_BUDGET_EXHAUSTED", { spec: dpSpec, budget: "budget" in spent ? spent.budget : undefined }],
    [
      "TOO_MANY_JOBS",
      {
        policy: { maxJobs: 1 },
        change: (view) => {
          const job = view.jobs.get(1n) as JobFacts;
          const other: JobFacts = { ...job, job: 2n, state: "training", owners: [owner.address] };
          return { ...view, jobs: new Map(view.jobs).set(2n, other) };
        },
      },
    ],
  ];
  it.each(table)("%s", (expected, situation) => {
    expect(objectionTo(invited(situation))).toBe(expected);
  });

  it("begins each job from weights of its own, on each chain and market [PHASE.2]", () => {
    const seedIn = (job: bigint, scope: string): string => {
      const context = invited({});
      const elsewhere = { ...context, options: { ...context.options, ports: { ...ports, scope } } };
      const [output] = makeInitialModel(elsewhere, newOwnerJob(job, emptyRecord))[1];
      return (output as { readonly work: { readonly spec: JobSpec } }).work.spec.seed;
    };
    const seeds = [seedIn(1n, "1/0xa"), seedIn(2n, "1/0xa"), seedIn(1n, "2/0xa"), seedIn(1n, "1/0xb")];
    expect(new Set(seeds).size).toBe(4);
    expect(seedIn(1n, "1/0xa")).toBe(seeds[0]);
  });

  it("answers once the model's size is known, and declines one that is too large", () => {
    const spec = tinySpec("secagg");
    const weights = initialWeights(spec.seed);
    const fresh = newOwnerJob(1n, emptyRecord);
    expect(answerInvitation(invited({}), fresh)[1]).toEqual([]);
    expect(makeInitialModel(invited({}), fresh)[1]).toMatchObject([
      { type: "compute", work: { kind: "initialise" } },
    ]);
    const known = { ...fresh, initial: initialModel(ports, spec, weights) };
    const [, joined] = answerInvitation(invited({}), known);
    expect(joined[0]).toMatchObject({ type: "transact", call: { method: "join", job: 1n } });
    const small = invited({ policy: { maxParameters: weights.length - 1 } });
    const [, declined] = answerInvitation(small, known);
    expect(declined).toMatchObject([
      { call: { method: "decline" } },
      { event: { because: "MODEL_TOO_LARGE" } },
    ]);
    const unfit = answerInvitation(invited({}), { ...fresh, unfit: "MODEL_DOES_NOT_BUILD" })[1];
    expect(unfit).toMatchObject([
      { call: { method: "decline" } },
      { event: { because: "MODEL_DOES_NOT_BUILD" } },
    ]);
  });

  it("answers once [AGENT.6]", () => {
    const context = invited({ policy: { modes: ["none"] } });
    const [declined, first] = answerInvitation(context, newOwnerJob(1n, emptyRecord));
    expect(first.length).toBe(2);
    expect(answerInvitation(context, declined)[1]).toEqual([]);
  });
});
