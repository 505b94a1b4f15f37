import { type Random, utf8 } from "@sheaf/base";
import { sampleProof, sampleRoot } from "../../src/index.ts";
import { keccak } from "../evm.ts";
import type { Call } from "./model.ts";
import type { Consent, Item, Registration } from "./model-members.ts";
import { drawnLeaf } from "./model-money.ts";
import { epochNow, keyOf, type ModelState } from "./model-state.ts";
import { authority, hex, type Person, person, rootOf, type Words } from "./world.ts";

/** What happens next in a random walk: a call, or the next block. */
export type Happening = { readonly call: Call } | { readonly proposer: string };

export const people: ReadonlyMap<string, Person> = new Map(
  Array.from({ length: 14 }, (_, i) => person(i)).map((each) => [each.address, each]),
);
const addresses = [...people.keys()];
export const minersOfAll = addresses.slice(0, 5);
export const workersOfAll = addresses.slice(6, 12);
/** Registered as nothing. */
export const nobody = addresses[13] as string;
export const everybody = [...minersOfAll, ...workersOfAll, nobody, authority];

/** Who is registered at the start. */
export function firstCalls(): readonly Call[] {
  return [
    { from: authority, name: "registerMiners", args: [minersOfAll.slice(0, 4)] },
    {
      from: authority,
      name: "registerWorkers",
      args: [
        workersOfAll.map(
          (account, i): Registration => ({ account, good: BigInt(i * 3), bad: BigInt(i % 3) }),
        ),
      ],
    },
  ];
}

/** Mostly what somebody would do; else the same with something wrong. */
export function nextHappening(model: ModelState, random: Random): Happening {
  if (random.chance(0.22)) {
    return { proposer: random.chance(0.9) ? random.pick(minersOfAll) : random.pick(everybody) };
  }
  const call = plausible(model, random);
  return { call: random.chance(0.25) ? spoil(call, random) : call };
}

function plausible(model: ModelState, random: Random): Call {
  const open = [...model.challenges.keys()];
  if (open.length > 0 && random.chance(0.35)) return end(model, random, random.pick(open));
  const dice = random.float();
  if (dice < 0.1) return office(random);
  if (dice < 0.2) return form(model, random);
  if (dice < 0.27) return { from: aMiner(model, random), name: "leaveCoalition", args: [] };
  if (dice < 0.6) return contribute(model, random);
  if (dice < 0.66) return report(model, random);
  if (dice < 0.88) return challenge(model, random);
  if (dice < 0.9) return { from: random.pick(everybody), name: "onBlock", args: [random.pick(minersOfAll)] };
  const epochs = [...model.epochs.keys()].filter(() => random.chance(0.3));
  return { from: random.pick(minersOfAll), name: "withdraw", args: [epochs] };
}

/** Mostly a registered one. */
function aMiner({ listed }: ModelState, random: Random): string {
  return listed.length > 0 && random.chance(0.9) ? random.pick(listed) : random.pick(minersOfAll);
}

/** Mostly one. */
function oneOrTwo(addresses: readonly string[], random: Random): readonly string[] {
  return random.shuffle(addresses).slice(0, random.chance(0.8) ? 1 : 2);
}

function office(random: Random): Call {
  const from = authority;
  const dice = random.float();
  if (dice < 0.4) return { from, name: "registerMiners", args: [oneOrTwo(minersOfAll, random)] };
  if (dice < 0.6) return { from, name: "revokeMiner", args: [random.pick(minersOfAll)] };
  if (dice < 0.84) {
    const items = oneOrTwo(workersOfAll, random).map((account): Registration => {
      return { account, good: BigInt(random.int(9)), bad: BigInt(random.int(4)) };
    });
    return { from, name: "registerWorkers", args: [items] };
  }
  return { from, name: "revokeWorker", args: [random.pick(workersOfAll)] };
}

function form(model: ModelState, random: Random): Call {
  const able = model.listed.filter(
    (each) => epochNow(model) + 1n >= (model.miners.get(each)?.suspendedUntil ?? 0n),
  );
  const members = random.shuffle(able.length < 2 ? minersOfAll : able).slice(0, 2 + random.int(3));
  const consents = members.map((by): Consent => {
    return { by, members, epoch: epochNow(model), nonce: model.miners.get(by)?.nonce ?? 0n };
  });
  return { from: random.pick(members), name: "form", args: [members, consents] };
}

/** A statement of a worker: of its 1 to 6 samples, or of more than it has. */
function wordsOf(model: ModelState, worker: string, epoch: bigint, random: Random): Words {
  const known = model.statements.get(keyOf(epoch, worker));
  if (known !== undefined && random.chance(0.85)) return { epoch, samples: known.samples, root: known.root };
  const count = 1 + random.int(6);
  const samples = Array.from({ length: count }, (_, i) => utf8(`${worker} ${epoch} ${i}`));
  const root = hex(sampleRoot(samples, keccak));
  model.trees.set(root, samples);
  const claimed = random.chance(0.55) ? count : random.pick([count + 1, 2 ** 32, 1_000]);
  return { epoch, samples: BigInt(claimed), root };
}

function contribute(model: ModelState, random: Random): Call {
  const workers = random.shuffle(workersOfAll).slice(0, 1 + random.int(2));
  const items = workers.map((worker): Item => {
    return { worker, words: wordsOf(model, worker, epochNow(model), random), by: worker };
  });
  return { from: aMiner(model, random), name: "contribute", args: [items] };
}

function report(model: ModelState, random: Random): Call {
  const epoch = random.chance(0.5) && model.nextEpoch > 1n ? model.nextEpoch - 2n : epochNow(model);
  const worker = random.pick(workersOfAll);
  const words = random.chance(0.9)
    ? { epoch, samples: 9n, root: rootOf(random.int(3)) }
    : wordsOf(model, worker, epoch, random);
  return {
    from: aMiner(model, random),
    name: "reportEquivocation",
    args: [epoch, { worker, words, by: worker }],
  };
}

function challenge(model: ModelState, random: Random): Call {
  const epoch = epochNow(model) - 1n;
  const recorded = minersOfAll.flatMap((accused) =>
    (model.recordings.get(keyOf(epoch, accused))?.workers ?? []).map((worker) => [accused, worker] as const),
  );
  const accusedNow = new Set([...model.challenges.values()].map(({ accused }) => accused));
  const again = recorded.filter(
    ([accused]) => accusedNow.has(accused) || model.recordings.get(keyOf(epoch, accused))?.isVoid === true,
  );
  const pool = again.length > 0 && random.chance(0.6) ? again : recorded;
  const [accused, worker] =
    pool.length > 0 ? random.pick(pool) : [random.pick(minersOfAll), random.pick(workersOfAll)];
  const from = aMiner(model, random);
  const args = [epoch < 0n ? 0n : epoch, accused, worker];
  return { from, name: "challenge", args, value: model.config.bondWei };
}

/** Shows the leaf if there is one, or waits for the end. */
function end(model: ModelState, random: Random, challenger: string): Call {
  const { accused, epoch, worker } = model.challenges.get(challenger) ?? {
    accused: "",
    epoch: 0n,
    worker: "",
  };
  const statement = model.statements.get(keyOf(epoch, worker));
  const samples = model.trees.get(statement?.root ?? "") ?? [];
  if (statement === undefined || BigInt(samples.length) !== statement.samples || random.chance(0.25)) {
    return random.chance(0.8)
      ? { from: random.pick(everybody), name: "conclude", args: [challenger] }
      : { from: accused, name: "answer", args: [challenger, utf8("no such sample"), []] };
  }
  const index = Number(drawnLeaf(model, challenger));
  const proof = sampleProof(samples, index, keccak);
  return { from: accused, name: "answer", args: [challenger, samples[index], proof] };
}

/** The same call with one thing changed. */
function spoil(call: Call, random: Random): Call {
  if (call.value !== undefined && random.chance(0.3)) return { ...call, value: call.value + 1n };
  if (call.args.length === 0 || random.chance(0.4)) return { ...call, from: random.pick(everybody) };
  const index = random.int(call.args.length);
  return { ...call, args: call.args.map((each, i) => (i === index ? spoilValue(each, random) : each)) };
}

function spoilValue(value: unknown, random: Random): unknown {
  if (value instanceof Uint8Array) return value.map((byte, i) => (i === 0 ? byte ^ 1 : byte));
  if (Array.isArray(value)) {
    if (value.length === 0) return value;
    const [first] = value;
    return random.pick([value.slice(1), [...value, first], [spoilValue(first, random), ...value.slice(1)]]);
  }
  if (typeof value === "bigint") return value + BigInt(random.pick([1, 90]));
  if (typeof value === "string") return random.pick([...minersOfAll, ...workersOfAll, nobody]);
  const item = value as Registration | Item | Consent;
  return "account" in item ? { ...item, good: item.good + 101n } : spoilSigned(item, random);
}

function spoilSigned(value: Item | Consent, random: Random): Item | Consent {
  if (random.chance(0.4)) return { ...value, by: random.pick(workersOfAll) };
  if ("members" in value) {
    return random.chance(0.5) ? { ...value, epoch: value.epoch + 1n } : { ...value, nonce: value.nonce + 1n };
  }
  const { words } = value;
  const samples = random.pick([0n, 2n ** 32n + 1n, words.samples]);
  return { ...value, words: { ...words, samples, epoch: words.epoch + BigInt(random.int(2)) } };
}
