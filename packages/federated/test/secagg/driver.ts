import { createHash, createHmac } from "node:crypto";
import { createRandom, type Random, utf8 } from "@sheaf/base";
import { vi } from "vitest";
import {
  createSecaggMember,
  createSecaggServer,
  isAbort,
  isRejection,
  type KeyAdvert,
  type MemberId,
  type SecaggMember,
  type SecaggMemberPorts,
  type SecaggRound,
  type SecaggServer,
  thresholdFor,
} from "../../src/index.ts";

// Whole rounds by the hundred: a busy machine takes its time.
vi.setConfig({ testTimeout: 120_000 });

/** Deterministic signatures under a key that only the test knows: nobody in a round can forge one. */
export function signAs(member: MemberId, message: Uint8Array): Uint8Array {
  return new Uint8Array(createHmac("sha256", `key of ${member}`).update(message).digest());
}

export function verify(member: MemberId, message: Uint8Array, signature: Uint8Array): boolean {
  return Buffer.from(signAs(member, message)).equals(signature);
}

export function addresses(count: number): MemberId[] {
  return Array.from({ length: count }, (_, index) => {
    return `0x${createHash("sha256").update(`member ${index}`).digest("hex").slice(0, 40)}`;
  }).sort();
}

export function makeRound(
  count: number,
  overrides: Partial<SecaggRound> & { readonly fraction?: number } = {},
): SecaggRound {
  const { fraction = 2 / 3, ...rest } = overrides;
  const neighbours = rest.neighbours ?? "all";
  return {
    context: "1337|7|3|1",
    modelHash: new Uint8Array(createHash("sha256").update("model").digest()),
    members: addresses(count),
    threshold: thresholdFor(fraction, count, neighbours),
    neighbours,
    dimension: 33,
    ...rest,
  };
}

export const graphSeed = new Uint8Array(createHash("sha256").update(utf8("block hash")).digest());

export function memberPorts(member: MemberId, random: Random): SecaggMemberPorts {
  const own = random.fork(member);
  return { entropy: (length) => own.bytes(length), sign: (message) => signAs(member, message), verify };
}

/** Members of `round`, which may be a group of the announced one. */
export function makeMembers(
  round: SecaggRound,
  seed = "members",
  announced: SecaggRound = round,
): Map<MemberId, SecaggMember> {
  const random = createRandom(seed);
  return new Map(round.members.map((id) => [id, createSecaggMember(announced, id, memberPorts(id, random))]));
}

export function randomInput(dimension: number, random: Random, bound = 2 ** 20): Int32Array {
  return Int32Array.from({ length: dimension }, () => random.int(2 * bound) - bound);
}

export function plainSum(inputs: Iterable<Int32Array>, dimension: number): Int32Array {
  const total = new Int32Array(dimension);
  for (const input of inputs)
    for (let i = 0; i < dimension; i++) total[i] = (total[i] as number) + (input[i] as number);
  return total;
}

/** Stages after which a member says nothing more. */
export const STAGES = ["keys", "shares", "masked", "confirm", "unmask"] as const;
export type Stage = (typeof STAGES)[number];

export interface RunOptions {
  /** The stage whose message of a member is the first that does not come. */
  readonly silentFrom?: ReadonlyMap<MemberId, Stage>;
  readonly seed?: string;
  /** Random where left out. */
  readonly inputs?: ReadonlyMap<MemberId, Int32Array>;
  /** The round that the keys were advertised for, when this is a group of it. */
  readonly announced?: SecaggRound;
}

export interface Run {
  readonly server: SecaggServer;
  readonly members: ReadonlyMap<MemberId, SecaggMember>;
  readonly inputs: ReadonlyMap<MemberId, Int32Array>;
  readonly adverts: readonly KeyAdvert[];
  readonly survivors: readonly MemberId[];
  readonly outcome: { readonly sum: Int32Array } | { readonly ended: string; readonly at: Stage };
}

/** A whole round between honest members and an honest server. */
export function runRound(round: SecaggRound, options: RunOptions = {}): Run {
  const random = createRandom(options.seed ?? "run");
  const members = makeMembers(round, options.seed, options.announced);
  const server = createSecaggServer(round, { verify });
  const speaks = (member: MemberId, stage: Stage): boolean => {
    const silent = options.silentFrom?.get(member);
    return silent === undefined || STAGES.indexOf(stage) < STAGES.indexOf(silent);
  };
  const inputs =
    options.inputs ?? new Map(round.members.map((id) => [id, randomInput(round.dimension, random)]));
  const adverts = [...members].filter(([id]) => speaks(id, "keys")).map(([, member]) => member.advertise());
  let survivors: readonly MemberId[] = [];
  const end = (ended: string, at: Stage): Run => {
    return { server, members, inputs, adverts, survivors, outcome: { ended, at } };
  };

  const accepted = server.adverts(adverts, graphSeed);
  if (isRejection(accepted)) return end(accepted.rejected, "keys");
  for (const { member } of adverts) {
    const shared = expectDone(at(members, member).share(adverts, graphSeed, round));
    if (speaks(member, "shares")) expectDone(server.shares(member, shared.sealed));
  }
  const relayed = server.relay();
  if (isAbort(relayed)) return end(relayed.aborted, "shares");
  for (const [member, received] of relayed.sealedFor) {
    const { masked } = expectDone(at(members, member).mask(received, at(inputs, member)));
    if (speaks(member, "masked")) expectDone(server.masked(member, masked));
  }
  const survived = server.survivors();
  if (isAbort(survived)) return end(survived.aborted, "masked");
  survivors = survived.survivors;
  for (const member of survivors) {
    if (!speaks(member, "confirm")) continue;
    expectDone(server.confirmation(member, expectDone(at(members, member).confirm(survivors)).signature));
  }
  const confirmed = server.confirmations();
  if (isAbort(confirmed)) return end(confirmed.aborted, "confirm");
  for (const member of survivors) {
    if (!speaks(member, "unmask")) continue;
    expectDone(server.unmask(member, expectDone(at(members, member).unmask(confirmed.confirmations)).shares));
  }
  const summed = server.sum();
  if (isAbort(summed)) return end(summed.aborted, "unmask");
  return { server, members, inputs, adverts, survivors, outcome: { sum: summed.sum } };
}

/** The value of something that no honest party refuses. */
export function expectDone<T extends object>(value: T): Exclude<T, { readonly rejected: unknown }> {
  if (isRejection(value)) throw new RangeError(`refused: ${JSON.stringify(value)}`);
  return value as Exclude<T, { readonly rejected: unknown }>;
}

export function at<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new RangeError(`nothing for ${String(key)}`);
  return value;
}
