import { bytesToHex, concatBytes, hexToBytes } from "@sheaf/base";
import { encodeServerState } from "@sheaf/federated";
import { keccak256 } from "@sheaf/protocol";
import { createConsumer } from "../../../src/agents/consumer/create-consumer.ts";
import type { ConsumerOptions, Order } from "../../../src/agents/consumer/options.ts";
import type { AgentEvent } from "../../../src/agents/events.ts";
import type { AgentOutput } from "../../../src/agents/ports.ts";
import { toyIdentity } from "../../simulation/identities.ts";
import { shortTerms, tinySpec } from "../../simulation/orders.ts";
import { createPuppet, eventsOf, type Puppet } from "../../simulation/puppet.ts";
import { type CrashPlan, createSimHost, type SimHost } from "../../simulation/sim-host.ts";
import { blind, createStage, type Stage } from "../../simulation/stage.ts";
import { initialWeights, syntheticData } from "../../simulation/tiny-model.ts";

export const PRICE = 10_007n;

/** A consumer on the real contracts; analysts and owners are puppets. */
export interface Desk {
  readonly stage: Stage;
  readonly consumer: SimHost;
  readonly analysts: readonly Puppet[];
  readonly owners: readonly Puppet[];
  /** What the consumer did, in order. */
  readonly outputs: AgentOutput[];
  readonly records: readonly AgentEvent[];
}

export interface DeskOptions extends Partial<ConsumerOptions> {
  readonly funds?: bigint;
  readonly crash?: CrashPlan;
  /** With a test set, unless told otherwise. */
  readonly data?: false;
}

export const order: Order = { spec: tinySpec("none"), terms: shortTerms, priceWei: PRICE };

export async function createDesk(options: DeskOptions = {}): Promise<Desk> {
  const { funds = 1_000_000n, crash, data, ...rest } = options;
  const stage = await createStage("desk");
  const identity = toyIdentity(1);
  const outputs: AgentOutput[] = [];
  const watch = {
    ...blind,
    stepped: (_: unknown, __: unknown, done: readonly AgentOutput[]) => void outputs.push(...done),
  };
  const analysts = [10, 11, 12].map((index) => createPuppet(stage, index));
  const owners = [20, 21, 22].map((index) => createPuppet(stage, index));
  stage.license("consumer", identity.address);
  stage.license("analyst", ...analysts.map(({ address }) => address));
  stage.license("owner", ...owners.map(({ address }) => address));
  await stage.fund(identity.address, funds);
  await stage.run(1_500);
  const consumer = createSimHost(
    {
      identity,
      data: data === false ? undefined : syntheticData(stage.random.fork("test set"), 30),
      create: (ports) => createConsumer({ orders: [order], ...rest }, ports),
      ...(crash && { crashes: [crash] }),
    },
    { ...stage, watch },
  );
  consumer.start();
  await stage.work.idle();
  await stage.run(3_000);
  const recorded = (): AgentEvent[] =>
    outputs.flatMap((output) => (output.type === "record" ? [output.event] : []));
  return {
    stage,
    consumer,
    analysts,
    owners,
    outputs,
    get records() {
      return recorded();
    },
  };
}

/** The state that puppets deliver. */
export const model = encodeServerState({ weights: initialWeights("delivered"), optimiser: [], round: 1 });
export const modelHash = bytesToHex(keccak256(model));

/** Takes job `job` from the offers to the end of training, of which `rounds` were closed. */
export async function trainTo(desk: Desk, job: bigint, rounds: number): Promise<void> {
  const { stage, analysts, owners } = desk;
  const [analyst] = analysts as [Puppet, ...Puppet[]];
  await must(analyst.transact({ method: "offer", job, fee: 1_000n }));
  await stage.run(30_000, () => eventsOf(stage, "awarded").some((event) => event.job === job));
  const addresses = owners.map(({ address }) => address);
  await must(analyst.transact({ method: "invite", job, owners: addresses }));
  for (const owner of owners) await must(owner.transact({ method: "join", job }));
  await must(analyst.transact({ method: "select", job, owners: addresses }));
  let stateHash = stateAfter(0, rounds);
  for (let round = 1; round <= rounds; round++) {
    const next = stateAfter(round, rounds);
    const keysRoot = bytesToHex(new Uint8Array(32));
    await must(analyst.transact({ method: "openRound", job, round, stateHash, keysRoot, cohortBitmap: 7n }));
    const updateHashes = [modelHash, modelHash, modelHash];
    const closing = {
      job,
      round,
      survivorBitmap: 7n,
      updateHashes,
      aggregateHash: modelHash,
      nextStateHash: next,
    };
    await must(analyst.transact({ method: "closeRound", ...closing }));
    stateHash = next;
  }
}

export async function deliver(desk: Desk, job: bigint): Promise<void> {
  await must(
    (desk.analysts[0] as Puppet).transact({
      method: "deliver",
      job,
      stateHash: modelHash,
      weights: [3n, 2n, 1n],
    }),
  );
}

function stateAfter(round: number, rounds: number): `0x${string}` {
  if (round === rounds) return modelHash;
  return bytesToHex(keccak256(concatBytes(hexToBytes(modelHash), new Uint8Array([round]))));
}

async function must(outcome: Promise<string | undefined>): Promise<void> {
  const error = await outcome;
  if (error !== undefined) throw new TypeError(`a puppet's transaction failed: ${error}`);
}

/** The names of the consumer's transactions, in order. */
export function methods({ outputs }: Desk): string[] {
  return outputs.flatMap((output) => (output.type === "transact" ? [output.call.method] : []));
}

/** Codes of decisions and problems that the consumer recorded. */
export function codes({ records }: Desk): string[] {
  return records.flatMap((event) =>
    event.kind === "decision"
      ? [event.because]
      : event.kind === "problem" || event.kind === "rejected"
        ? [event.code]
        : [],
  );
}

/** How job `job` ended. */
export function endOf({ stage }: Desk, job: bigint): string | undefined {
  const settled = eventsOf(stage, "settled").find((event) => event.job === job);
  if (settled !== undefined) return settled.outcome;
  return eventsOf(stage, "refunded").some((event) => event.job === job) ? "refunded" : undefined;
}
