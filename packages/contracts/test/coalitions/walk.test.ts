import { createRandom } from "@sheaf/base";
import type { Result } from "ethers";
import { afterAll, describe, expect, it } from "vitest";
import type { CoalitionsConfig } from "../../src/index.ts";
import { account } from "../evm.ts";
import { applyToModel, type Call } from "./model.ts";
import type { Consent, Item } from "./model-members.ts";
import { draft, isLocked } from "./model-money.ts";
import { emptyModel, epochNow, keyOf, type ModelState } from "./model-state.ts";
import { everybody, firstCalls, nextHappening, nobody, people, workersOfAll } from "./random-calls.ts";
import {
  config,
  consent,
  contribution,
  createWorld,
  type Person,
  systemAddress,
  type World,
} from "./world.ts";

const walks = Number(process.env["SHEAF_WALKS"] ?? 8);
const steps = 200;
const wealth = 10n ** 20n;

/** Calls that the walks made successfully, and `call: error` of every refusal. */
const seen = new Map<string, number>();
const note = (what: string): void => void seen.set(what, (seen.get(what) ?? 0) + 1);

describe.each(Array.from({ length: walks }, (_, i) => i))("walk %i", (seed) => {
  it("agrees with the model, conserves value and keeps what an epoch began with [COALITION.6] [AWARD.1] [AWARD.7]", async () => {
    const random = createRandom(`coalition walk ${seed}`);
    const rules: CoalitionsConfig = {
      ...config,
      epochBlocks: 3 + (seed % 5),
      synergyQuarters: 1 + (seed % 6),
      split: seed % 2 === 0 ? "proportional" : "equal",
      poolWei: seed % 3 === 0 ? 10_000_000n : 10n ** 12n,
      answerBlocks: 1 + (seed % 3),
    };
    const walk: Walk = { world: await createWorld(rules), model: emptyModel(rules), fixed: new Map() };
    for (const each of everybody) await walk.world.chain.fund(each, wealth);
    await goOn(walk, account(0xdead));
    for (const call of firstCalls()) await perform(walk, call);

    for (let step = 0; step < steps; step++) {
      const happening = nextHappening(walk.model, random);
      if ("proposer" in happening) await goOn(walk, happening.proposer);
      else await perform(walk, happening.call);
    }
    await expectSameEpochs(walk);
    await expectSameWorkers(walk);
    await leaveEverything(walk);
  }, 600_000);
});

afterAll(() => {
  if (process.env["SHEAF_WALK_REPORT"]) {
    process.stdout.write(
      `${[...seen]
        .sort()
        .map(([what, count]) => `${what} x ${count}`)
        .join("\n")}\n`,
    );
  }
});

it("did and refused all that there is", () => {
  const expected = [
    ...["registerMiners", "revokeMiner", "form", "leaveCoalition", "registerWorkers", "revokeWorker"],
    ...["contribute", "reportEquivocation", "onBlock", "withdraw", "challenge", "answer", "conclude"],
    ...[
      "onBlock: NotSystem",
      "registerMiners: NotAuthority",
      "registerMiners: AlreadyRegistered",
      "form: NoConsent",
      "form: NotMember",
    ],
    ...["leaveCoalition: NotInCoalition", "contribute: Suspended"],
    ...["contribute: Equivocation", "contribute: NoSignature", "contribute: AlreadyRecorded"],
    ...["contribute: NotWorker", "contribute: NotMiner", "challenge: AlreadyChallenging"],
    ...["challenge: AlreadyVoid", "challenge: NotRecorded", "challenge: WrongBond", "challenge: WrongEpoch"],
    ...["answer: WrongProof", "answer: NotAccused", "answer: TooEarly", "answer: TooLate"],
    ...["conclude: TooEarly", "conclude: NoChallenge", "withdraw: StillLocked", "won in part", "dropped"],
  ];
  expect(expected.filter((each) => !seen.has(each))).toEqual([]);
});

interface Walk {
  readonly world: World;
  readonly model: ModelState;
  /** What was read of an epoch in the last block before it. */
  readonly fixed: Map<bigint, unknown>;
}

/** The next block; what is read of an epoch before it is read of it while it lasts. */
async function goOn(walk: Walk, proposer: string): Promise<void> {
  const { model, world, fixed } = walk;
  const last = model.block > 0n && model.block % BigInt(model.config.epochBlocks) === 0n;
  if (last) {
    const next = epochNow(model) + 1n;
    const read = await readEpoch(world, next);
    fixed.set(next, read);
    const expected = draft(structuredClone(model), next);
    expect(read.weights).toEqual([...expected.seats].map(([miner, { weight }]) => [miner, weight]));
  }
  model.block += 1n;
  world.chain.block.number = model.block;
  world.chain.block.coinbase = proposer;
  const before = model.pool;
  await perform(walk, { from: systemAddress, name: "onBlock", args: [proposer] });
  const paid = before - model.pool;
  const reward = model.epochs.get(epochNow(model))?.rewardWei ?? 0n;
  if (paid > 0n && model.pool === 0n && paid < reward) note("won in part");
}

async function readEpoch({ coalitions }: World, epoch: bigint) {
  const { result } = await coalitions.send(nobody, "proposerWeights", epoch);
  const weights = (result[0] as string[]).map(
    (miner, i) => [miner.toLowerCase(), result[1][i] as bigint] as const,
  );
  const partition = (await coalitions.send(nobody, "partition", epoch)).result;
  return { weights, partition: [...(partition[1] as bigint[])] };
}

/** The call on both sides: the same refusal, or the same new state. */
async function perform(walk: Walk, call: Call): Promise<void> {
  const { model, world, fixed } = walk;
  const dropped = call.name === "conclude" && isDropped(model, call.args[0] as string);
  const expected = applyToModel(model, call);
  const { error } = await world.coalitions.pay(call.value ?? 0n, call.from, call.name, ...signed(call));
  const what = `${call.name} by ${call.from}: ${JSON.stringify(call.args, plain)}`;
  expect(error?.toLowerCase(), what).toBe(expected?.toLowerCase());
  note(expected === undefined ? call.name : `${call.name}: ${expected.slice(0, expected.indexOf("("))}`);
  if (expected !== undefined) return;
  if (dropped) note("dropped");
  const owed = [...model.credits.values(), ...seatsOf(model).map(({ seat }) => seat.earnedWei)];
  const [pool, credited, bonded, balance] = (await world.coalitions.send(nobody, "funds")).result.toArray();
  const all = owed.reduce((sum, each) => sum + each, 0n);
  expect([pool, credited, bonded], what).toEqual([model.pool, all, model.bonded]);
  expect(balance, what).toBe(pool + credited + bonded);
  const now = epochNow(model);
  if (fixed.has(now)) expect(await readEpoch(world, now), what).toEqual(fixed.get(now));
}

function isDropped(model: ModelState, challenger: string): boolean {
  const entry = model.challenges.get(challenger);
  return entry !== undefined && (model.recordings.get(keyOf(entry.epoch, entry.accused))?.isVoid ?? false);
}

/** The arguments with signatures in place of those that they are made of. */
function signed({ name, args }: Call): readonly unknown[] {
  const by = (address: string): Person => people.get(address) ?? (people.get(nobody) as Person);
  const item = ({ worker, words, by: signer }: Item): unknown => {
    const entry = contribution({ ...by(worker), address: worker }, words, by(signer));
    return entry;
  };
  if (name === "onBlock") return [];
  if (name === "form") {
    const [members, consents] = args as [string[], Consent[]];
    return [members, consents.map((each) => consent(by(each.by), each.members, each.epoch, each.nonce))];
  }
  if (name === "contribute") return [(args[0] as Item[]).map(item)];
  if (name === "reportEquivocation") return [args[0], item(args[1] as Item)];
  return args;
}

function seatsOf(model: ModelState) {
  return [...model.epochs].flatMap(([epoch, { seats }]) =>
    [...seats].map(([miner, seat]) => ({ epoch, miner, seat })),
  );
}

/** [AWARD.5] [SENSE.9] Every seat of every epoch, and what coalitions won. */
async function expectSameEpochs({ model, world: { coalitions } }: Walk): Promise<void> {
  for (const [epoch, { rewardWei, valueSum, normaliser, won }] of model.epochs) {
    const summary = await coalitions.read<Result>("epochSummary", epoch);
    expect(summary.toArray()).toEqual([true, rewardWei, valueSum, normaliser]);
    for (const [coalition, blocks] of won)
      expect(await coalitions.read("blocksWon", epoch, coalition)).toBe(blocks);
  }
  for (const { epoch, miner, seat } of seatsOf(model)) {
    const stored = await coalitions.read<Result>("seat", epoch, miner);
    expect([stored["coalition"], stored["weight"], stored["valued"]]).toEqual([
      seat.coalition,
      seat.weight,
      seat.value > 0n,
    ]);
    expect(await coalitions.read("coalitionAt", epoch, miner)).toBe(seat.coalition);
    const { result } = await coalitions.send(nobody, "earned", epoch, miner);
    expect(result.toArray()).toEqual([seat.earnedWei, isLocked(model, epoch, miner)]);
  }
  for (const each of everybody) {
    expect(await coalitions.read("creditOf", each)).toBe(model.credits.get(each) ?? 0n);
  }
}

async function expectSameWorkers({ model, world: { coalitions } }: Walk): Promise<void> {
  for (const each of workersOfAll) {
    const stored = await coalitions.read<Result>("worker", each);
    const { good, bad } = model.workers.get(each) ?? { good: 0n, bad: 0n };
    expect([stored["good"], stored["bad"]]).toEqual([good, bad]);
  }
  for (const [key, { samples, reputationBps, ...flags }] of model.statements) {
    const [epoch, worker] = key.split(" ");
    const stored = await coalitions.read<Result>("statement", epoch, worker);
    expect([stored["samples"], stored["reputationBps"]]).toEqual([samples, reputationBps]);
    expect([stored["proved"], stored["failed"], stored["equivocated"]]).toEqual([
      flags.proved,
      flags.failed,
      flags.equivocated,
    ]);
  }
}

/** [CHALLENGE.4] Time passes; anybody ends every challenge; everybody takes what is due; the pool is left. */
async function leaveEverything(walk: Walk): Promise<void> {
  const { model, world } = walk;
  for (let i = 0; i < 2 * model.config.epochBlocks + 6; i++) await goOn(walk, nobody);
  for (const challenger of [...model.challenges.keys()]) {
    await perform(walk, { from: nobody, name: "conclude", args: [challenger] });
  }
  expect(model.challenges.size).toBe(0);
  const epochs = [...model.epochs.keys()].filter((each) => each < epochNow(model));
  for (const from of everybody) {
    await perform(walk, { from, name: "withdraw", args: [epochs] });
    await perform(walk, { from, name: "withdraw", args: [epochs] });
  }
  const [pool, credited, bonded, balance] = (await world.coalitions.send(nobody, "funds")).result.toArray();
  expect([credited, bonded, balance]).toEqual([0n, 0n, pool]);
  const held = await Promise.all(everybody.map((each) => world.chain.balanceOf(each)));
  const all = held.reduce((sum, each) => sum + each, balance as bigint);
  expect(all).toBe(wealth * BigInt(everybody.length) + model.config.poolWei);
}

const plain = (_: string, value: unknown): unknown => (typeof value === "bigint" ? `${value}` : value);
