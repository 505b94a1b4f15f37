import type { LogDescription, Result } from "ethers";
import { expect } from "vitest";
import { licencesContract, marketContract, reputationContract } from "../../src/index.ts";
import { account, type Chain, createChain, type Deployed, type Outcome } from "../evm.ts";
import type { Call } from "./model.ts";
import { authority } from "./model-rules.ts";
import { type ModelJob, type ModelState, outcomes, states } from "./model-state.ts";

const ofLicences = new Set(["issue", "revoke", "offerAuthority", "acceptAuthority"]);
const ofReputation = new Set(["rate", "bind"]);

/** The three contracts, bound to each other, on a chain of their own. */
export interface World {
  readonly chain: Chain;
  readonly licences: Deployed;
  readonly market: Deployed;
  readonly reputation: Deployed;
  /** Every account has `wealth` at the start. */
  send(call: Call): Promise<Outcome>;
}

export const wealth = 10n ** 30n;

export async function createWorld(accounts: readonly string[]): Promise<World> {
  const chain = await createChain();
  const licences = await chain.deploy(licencesContract, authority, [authority]);
  const reputation = await chain.deploy(reputationContract, authority, [licences.address]);
  const market = await chain.deploy(marketContract, authority, [licences.address, reputation.address]);
  await reputation.send(authority, "bind", market.address);
  for (const each of accounts) await chain.fund(each, wealth);
  const contractOf = (name: string): Deployed =>
    ofLicences.has(name) ? licences : ofReputation.has(name) ? reputation : market;
  return {
    chain,
    licences,
    market,
    reputation,
    send: ({ from, name, args, value }) => contractOf(name).pay(value ?? 0n, from, name, ...args),
  };
}

/** Addresses of people: owners, analysts, consumers, one with all roles, one with none. */
export const people = {
  owners: [11, 12, 13, 14, 15, 16].map(account),
  analysts: [21, 22, 23, 24].map(account),
  consumers: [31, 32].map(account),
  everything: account(41),
  nobody: account(51),
} as const;

export const everybody: readonly string[] = [
  ...people.owners,
  ...people.analysts,
  ...people.consumers,
  people.everything,
  people.nobody,
];

/** The licences that the names of `people` promise. */
export function firstLicences(): readonly Call[] {
  const { owners, analysts, consumers, everything } = people;
  const issue = (subject: string, role: number): Call => ({
    from: authority,
    name: "issue",
    args: [subject, role, `0x${"00".repeat(32)}`],
  });
  return [
    ...owners.map((each) => issue(each, 1)),
    ...analysts.map((each) => issue(each, 2)),
    ...consumers.map((each) => issue(each, 3)),
    ...[1, 2, 3].map((role) => issue(everything, role)),
  ];
}

export const lower = (address: unknown): string => String(address).toLowerCase();

export const eventNames = (events: readonly LogDescription[]): readonly string[] =>
  events.map(({ name }) => name);

/** The contract's job beside the model's. */
export async function expectSameJob(world: World, model: ModelState, id: bigint): Promise<void> {
  const job = model.jobs[Number(id) - 1] as ModelJob;
  const stored = await world.market.read<Result>("job", id);
  expect({
    state: states[Number(stored["state"])],
    outcome: outcomes[Number(stored["outcome"])],
    delivered: stored["delivered"],
    closed: Number(stored["closedRounds"]),
    price: stored["price"],
    fee: stored["fee"],
    stateHash: stored["stateHash"],
    deadline: stored["deadline"],
    left: stored["left"],
  }).toEqual({
    state: job.state,
    outcome: job.outcome,
    delivered: job.delivered,
    closed: job.closed.length,
    price: job.price,
    fee: job.fee,
    stateHash: job.stateHash,
    deadline: job.deadline,
    left: [...job.left].reduce((bits, i) => bits | (1n << BigInt(i)), 0n),
  });
}

/** [PAYMENT.1] Balances, credits and what is locked, beside the model's, and among themselves. */
export async function expectSameMoney(world: World, model: ModelState): Promise<void> {
  const [locked, credited, balance] = await fundsOf(world);
  const owed = [...model.credits.values()].reduce((sum, each) => sum + each, 0n);
  expect([locked, credited]).toEqual([model.locked, owed]);
  expect(balance).toBe(locked + credited);
}

/** Locked, credited, and the balance of the market. */
export async function fundsOf({ market }: World): Promise<readonly [bigint, bigint, bigint]> {
  const { result } = await market.send(authority, "funds");
  return result.toArray() as [bigint, bigint, bigint];
}
