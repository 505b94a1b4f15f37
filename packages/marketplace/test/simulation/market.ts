import { createHash } from "node:crypto";
import type { Millis } from "@sheaf/base";
import { createAnalyst } from "../../src/agents/analyst/create-analyst.ts";
import { analystPolicySchema } from "../../src/agents/analyst/options.ts";
import { createConsumer } from "../../src/agents/consumer/create-consumer.ts";
import type { ConsumerOptions } from "../../src/agents/consumer/options.ts";
import { createOwner } from "../../src/agents/owner/create-owner.ts";
import { ownerPolicySchema } from "../../src/agents/owner/options.ts";
import type { Agent, AgentPorts } from "../../src/agents/ports.ts";
import type { LicenceRole } from "../../src/chain/types.ts";
import { eavesdrop } from "./eavesdropper.ts";
import { type ToyIdentity, toyIdentity } from "./identities.ts";
import { shortTerms } from "./orders.ts";
import type { Fault, Profile, Role } from "./profile.ts";
import { createSimHost, type SimHost, type Tamper } from "./sim-host.ts";
import { createStage, type Stage } from "./stage.ts";
import { substituting } from "./substitution.ts";
import { syntheticData } from "./tiny-model.ts";
import { createTrick } from "./tricks.ts";
import { createWitness, type Witness } from "./witness.ts";

/** A market that has come to its end, or to the end of its time. */
export interface Played {
  readonly profile: Profile;
  readonly stage: Stage;
  readonly witness: Witness;
  readonly cast: readonly Actor[];
  /** Wei that came into the world. */
  readonly funded: bigint;
  readonly endedMs: Millis;
  /** Of everything that happened, in order. */
  readonly digest: string;
}

export interface Actor extends Role {
  readonly host: SimHost;
  /** It sends what its step says. */
  readonly honest: boolean;
  readonly licensed: boolean;
  readonly faults: readonly Fault[];
}

export const PRICE = 10_007n;
export const CONSUMER_POLICY: Partial<ConsumerOptions> = { offerWindowMs: 4_000, modelWaitMs: 8_000 };
/** Every period of a job, disputes included, and then some. */
const LONGEST_MS: Millis = 1_200_000;
/** After the last job ended: time to rate, to withdraw and to come back. */
const EPILOGUE_MS: Millis = 40_000;

/** Plays a market to its end. Changes of parts of it (`weaken`) show that the checks can fail. */
export async function playMarket(profile: Profile, weaken: Weakness = {}): Promise<Played> {
  const stage = await createStage(profile.seed, profile.weather);
  const hash = createHash("sha256");
  const witness = createWitness(stage.clock, hash, weaken.noise);
  const cast = castOf(profile, stage, witness, weaken);
  const poor = profile.faults.some(({ kind }) => kind === "poor");
  let funded = 0n;
  for (const actor of cast) {
    const wei = actor.role === "consumer" ? (poor ? PRICE - 1n : 3n * PRICE) : PRICE;
    await stage.fund(actor.host.address, wei);
    funded += wei;
    if (actor.licensed) stage.license(actor.role, actor.host.address);
  }
  await stage.run(1_500);
  for (const fault of profile.faults) scheduleFault(fault, stage, cast);
  for (const { host } of cast) host.start();
  if (weaken.paysTwice === true) payTwice(stage);
  const isOver = endOf(profile, stage, witness);
  const startMs = stage.clock.now();
  await stage.run(LONGEST_MS, isOver);
  const endedMs = stage.clock.now() - startMs;
  await stage.run(EPILOGUE_MS);
  return { profile, stage, witness, cast, funded, endedMs, digest: hash.digest("hex") };
}

/** Parts that can be broken. */
export interface Weakness {
  /** By role: changes what the honest step gives out, though it counts as honest. */
  readonly tampers?: Partial<Record<LicenceRole, Tamper>>;
  /** The chain pays every withdrawal twice. */
  readonly paysTwice?: boolean;
  /** Adds something that is not a function of the seed. */
  readonly noise?: () => string;
}

function castOf(profile: Profile, stage: Stage, watch: Witness, weaken: Weakness): Actor[] {
  const { owners, analysts, unlicensed, jobs, spec } = profile;
  const actors: Actor[] = [];
  const add = <S>(
    role: LicenceRole,
    index: number,
    samples: number,
    create: (ports: AgentPorts) => Agent<S>,
    licensed = true,
  ): void => {
    const identity = identityOf(role, index);
    const faults = profile.faults.filter(
      (fault) => "role" in fault && fault.role === role && fault.index === index,
    );
    const random = stage.random.fork(`${role} ${index}`);
    const tricks = faults.flatMap((fault) =>
      fault.kind === "trick" ? [createTrick(fault.trick, random)] : [],
    );
    const weakness = weaken.tampers?.[role];
    const tampers = weakness === undefined ? tricks : [...tricks, weakness];
    const crashes = faults.flatMap((fault) => (fault.kind === "crash" ? [fault.plan] : []));
    const data = syntheticData(random.fork("data"), samples);
    const tamper: Tamper = (output, self) =>
      tampers.reduce((all, each) => all.flatMap((one) => each(one, self)), [output]);
    const substitutes = faults.some((fault) => fault.kind === "trick" && fault.trick === "substitute-input");
    const made = substitutes ? substituting(identity, create) : create;
    const host = createSimHost({ identity, data, create: made, tamper, crashes }, { ...stage, watch });
    actors.push({ role, index, host, honest: tricks.length === 0, licensed, faults });
  };
  const orders = Array.from({ length: jobs }, () => ({
    spec,
    terms: { ...shortTerms, maxRounds: spec.training.rounds },
    priceWei: PRICE,
  }));
  add("consumer", 0, 60, (ports) => createConsumer({ orders, ...CONSUMER_POLICY }, ports));
  const facts = { task: spec.task, shape: spec.shape };
  for (let index = 0; index < analysts + unlicensed; index++) {
    const options = { policy: analystPolicySchema.parse({}), validation: { ...facts, count: 40 } };
    add("analyst", index, 40, (ports) => createAnalyst(options, ports), index < analysts);
  }
  for (let index = 0; index < owners; index++) {
    const options = {
      policy: ownerPolicySchema.parse({ modes: [spec.privacy.mode] }),
      data: { ...facts, count: 12 + 4 * index },
    };
    add("owner", index, 12 + 4 * index, (ports) => createOwner(options, ports));
  }
  return actors;
}

/** By rising address in each role: of equal offers the first analyst's is awarded, so that faults find it. */
function identityOf(role: LicenceRole, index: number): ToyIdentity {
  const first = { owner: 100, analyst: 200, consumer: 300 }[role];
  const all = Array.from({ length: 32 }, (_, place) => toyIdentity(first + place));
  all.sort((a, b) => (a.address < b.address ? -1 : 1));
  return all[index] as ToyIdentity;
}

function scheduleFault(fault: Fault, stage: Stage, cast: readonly Actor[]): void {
  const { clock, broker, chain } = stage;
  if (fault.kind === "revoke") {
    const actor = cast.find(({ role, index }) => role === fault.role && index === fault.index);
    if (actor !== undefined)
      clock.schedule(fault.atMs, () => chain.license("revoke", actor.host.address, fault.role));
  }
  if (fault.kind === "outage") {
    clock.schedule(fault.atMs, () => broker.setUp(false));
    clock.schedule(fault.atMs + fault.forMs, () => broker.setUp(true));
  }
  if (fault.kind === "eavesdropper")
    eavesdrop(
      stage,
      cast.map(({ host }) => host.address),
    );
}

function payTwice(stage: Stage): void {
  stage.chain.follow({
    fromBlock: 0,
    async listener({ events }) {
      for (const event of events)
        if (event.event === "withdrawn") await stage.fund(event.account, event.amount);
    },
  });
}

/** Every order has a job that is over, or was given up. */
function endOf(profile: Profile, { chain }: Stage, witness: Witness): () => boolean {
  let seen = 0;
  let over = 0;
  return () => {
    for (; seen < chain.blocks.length; seen++) {
      over += (chain.blocks[seen]?.events ?? []).filter(
        ({ event }) => event === "settled" || event === "refunded",
      ).length;
    }
    return over + witness.givenUp >= profile.jobs;
  };
}
