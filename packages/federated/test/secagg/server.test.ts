import { createRandom } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import {
  checkKeyAdvert,
  createSecaggServer,
  isAbort,
  isRejection,
  type MemberId,
  recomputeSum,
  type SecaggMember,
  type SecaggRound,
  type SecaggServer,
  type SecaggTranscript,
  type UnmaskShares,
} from "../../src/index.ts";
import { signOf } from "../../src/secagg/masks.ts";
import {
  addresses,
  at,
  expectDone,
  graphSeed,
  makeMembers,
  makeRound,
  plainSum,
  randomInput,
  runRound,
  verify,
} from "./driver.ts";

const stranger = addresses(200).at(-1) as MemberId;

interface Table {
  readonly round: SecaggRound;
  readonly members: ReadonlyMap<MemberId, SecaggMember>;
  readonly server: SecaggServer;
  readonly ids: readonly MemberId[];
  readonly inputs: ReadonlyMap<MemberId, Int32Array>;
}

/** A server that has the keys of all members. */
function seat(round: SecaggRound): Table {
  const members = makeMembers(round);
  const server = createSecaggServer(round, { verify });
  const adverts = [...members.values()].map((member) => member.advertise());
  expectDone(server.adverts(adverts, graphSeed));
  const random = createRandom("inputs");
  const inputs = new Map(round.members.map((id) => [id, randomInput(round.dimension, random)]));
  return { round, members, server, ids: round.members, inputs };
}

function shareOf({ members, round }: Table, id: MemberId): ReadonlyMap<MemberId, Uint8Array> {
  const adverts = [...members.values()].map((member) => member.advertise());
  return expectDone(at(members, id).share(adverts, graphSeed, round)).sealed;
}

/** On to R2: the masked inputs of all members. */
function toMasked(table: Table): Map<MemberId, Uint32Array> {
  for (const id of table.ids) expectDone(table.server.shares(id, shareOf(table, id)));
  const relayed = table.server.relay();
  if (isAbort(relayed)) throw new RangeError(relayed.aborted);
  return new Map(
    table.ids.map((id) => [
      id,
      expectDone(at(table.members, id).mask(at(relayed.sealedFor, id), at(table.inputs, id))).masked,
    ]),
  );
}

/** On to R4: what the members give when all but `dropouts` have sent their inputs. */
function toUnmask(table: Table, dropouts: readonly MemberId[] = []): Map<MemberId, UnmaskShares> {
  for (const [id, vector] of toMasked(table)) {
    if (!dropouts.includes(id)) expectDone(table.server.masked(id, vector));
  }
  const survived = table.server.survivors();
  if (isAbort(survived)) throw new RangeError(survived.aborted);
  const { survivors } = survived;
  for (const id of survivors) {
    expectDone(table.server.confirmation(id, expectDone(at(table.members, id).confirm(survivors)).signature));
  }
  const confirmed = table.server.confirmations();
  if (isAbort(confirmed)) throw new RangeError(confirmed.aborted);
  return new Map(
    survivors.map((id) => [id, expectDone(at(table.members, id).unmask(confirmed.confirmations)).shares]),
  );
}

function sumOf(table: Table, without: readonly MemberId[] = []): Int32Array {
  const present = [...table.inputs].filter(([id]) => !without.includes(id)).map(([, input]) => input);
  return plainSum(present, table.round.dimension);
}

describe("the server rejects", () => {
  it("[SECAGG.5] an advert that is not the member's, by itself", () => {
    const round = makeRound(4);
    const members = makeMembers(round);
    const advert = at(members, round.members[0] as MemberId).advertise();
    expect(checkKeyAdvert(round, advert, verify)).toBeUndefined();
    expect(checkKeyAdvert(round, { ...advert, member: round.members[1] as MemberId }, verify)).toEqual({
      rejected: "BAD_SIGNATURE",
      member: round.members[1],
    });
    expect(checkKeyAdvert({ ...round, context: "1337|7|3|2" }, advert, verify)).toMatchObject({
      rejected: "BAD_SIGNATURE",
    });
    expect(checkKeyAdvert(round, { ...advert, member: stranger }, verify)).toMatchObject({
      rejected: "UNKNOWN_MEMBER",
    });
  });

  it("[SECAGG.8] sealed shares for others than exactly the neighbours, or twice", () => {
    const table = seat(makeRound(9, { neighbours: 4 }));
    const { server } = table;
    const [id, other] = table.ids as [MemberId, MemberId];
    const sealed = shareOf(table, id);
    const [neighbour] = [...sealed.keys()] as [MemberId];
    const distant = table.ids.find((member) => member !== id && !sealed.has(member)) as MemberId;
    const content = at(sealed, neighbour);
    expect([...server.neighboursOf(id)].sort()).toEqual([...sealed.keys()].sort());
    const without = new Map(sealed);
    without.delete(neighbour);
    expect(server.shares(id, without)).toEqual({ rejected: "INCOMPLETE", member: id });
    expect(server.shares(id, new Map([...without, [distant, content]]))).toEqual({
      rejected: "NOT_A_NEIGHBOUR",
      member: id,
    });
    expect(server.shares(id, new Map([...sealed, [id, content]]))).toEqual({
      rejected: "OWN_MESSAGE",
      member: id,
    });
    expect(server.shares(id, new Map([...sealed, [stranger, content]]))).toEqual({
      rejected: "UNKNOWN_MEMBER",
      member: stranger,
    });
    expect(server.shares(id, new Map([...sealed, [neighbour, content.subarray(1)]]))).toEqual({
      rejected: "MALFORMED",
      member: id,
    });
    expect(server.shares(stranger, sealed)).toEqual({ rejected: "UNKNOWN_MEMBER", member: stranger });
    expect(server.shares(id, sealed)).toEqual({ accepted: true });
    expect(server.shares(id, sealed)).toEqual({ rejected: "DUPLICATE", member: id });
    expect(server.masked(other, new Uint32Array(33))).toEqual({ rejected: "OUT_OF_ORDER", member: other });
  });

  it("[SECAGG.9] inputs of another dimension, of strangers, repeated or late", () => {
    const table = seat(makeRound(5));
    const { server } = table;
    const [id] = table.ids as [MemberId];
    const vectors = toMasked(table);
    expect(server.masked(id, new Uint32Array(32))).toEqual({ rejected: "WRONG_DIMENSION", member: id });
    expect(server.masked(stranger, new Uint32Array(33))).toEqual({
      rejected: "UNKNOWN_MEMBER",
      member: stranger,
    });
    expect(server.shares(id, new Map())).toEqual({ rejected: "OUT_OF_ORDER", member: id });
    for (const [member, vector] of vectors) expectDone(server.masked(member, vector));
    expect(server.masked(id, at(vectors, id))).toEqual({ rejected: "DUPLICATE", member: id });
    expect(isAbort(server.survivors())).toBe(false);
    expect(server.masked(id, at(vectors, id))).toEqual({ rejected: "OUT_OF_ORDER", member: id });
    expect(server.survivors()).toEqual({ aborted: "OUT_OF_ORDER" });
  });

  it("[SECAGG.12] confirmations that are forged, repeated or of no survivor", () => {
    const table = seat(makeRound(5));
    const { server } = table;
    const gone = table.ids[4] as MemberId;
    for (const [member, vector] of toMasked(table))
      if (member !== gone) expectDone(server.masked(member, vector));
    const survived = server.survivors();
    if (isAbort(survived)) throw new RangeError(survived.aborted);
    const [a, b] = table.ids as [MemberId, MemberId];
    const { signature } = expectDone(at(table.members, a).confirm(survived.survivors));
    expect(server.confirmation(b, signature)).toEqual({ rejected: "BAD_SIGNATURE", member: b });
    expect(server.confirmation(gone, signature)).toEqual({ rejected: "UNKNOWN_MEMBER", member: gone });
    expect(server.confirmation(a, signature)).toEqual({ accepted: true });
    expect(server.confirmation(a, signature)).toEqual({ rejected: "DUPLICATE", member: a });
    expect(server.unmask(a, { seeds: new Map(), keys: new Map() })).toEqual({
      rejected: "OUT_OF_ORDER",
      member: a,
    });
    expect(server.confirmations()).toMatchObject({ aborted: "TOO_FEW" });
  });

  it("[SECAGG.13] shares that are not exactly one of each in the neighbourhood", () => {
    const table = seat(makeRound(5, { threshold: 3 }));
    const { server } = table;
    const gone = table.ids[4] as MemberId;
    const [id, other] = table.ids as [MemberId, MemberId];
    const given = at(toUnmask(table, [gone]), id);
    const share = at(given.seeds, other);
    const { seeds, keys } = given;
    const shorter = new Map(seeds);
    shorter.delete(other);
    expect(server.unmask(id, { seeds: shorter, keys })).toEqual({ rejected: "INCOMPLETE", member: id });
    expect(server.unmask(id, { seeds, keys: new Map() })).toEqual({ rejected: "INCOMPLETE", member: id });
    expect(server.unmask(id, { seeds, keys: new Map([...keys, [other, share]]) })).toEqual({
      rejected: "CONFLICT",
      member: id,
    });
    const bytes = new Map([...seeds, [other, share.subarray(1)]]);
    expect(server.unmask(id, { seeds: bytes, keys })).toEqual({ rejected: "MALFORMED", member: id });
    expect(server.unmask(gone, given)).toEqual({ rejected: "UNKNOWN_MEMBER", member: gone });
    expect(server.unmask(id, given)).toEqual({ accepted: true });
    expect(server.unmask(id, given)).toEqual({ rejected: "DUPLICATE", member: id });
  });
});

describe("[SECAGG.10] the server", () => {
  it("opens nothing early and more once the shares have come", () => {
    const table = seat(makeRound(5, { threshold: 3 }));
    const { server } = table;
    expect(server.sum()).toEqual({ aborted: "OUT_OF_ORDER" });
    expect(server.relay()).toEqual({ aborted: "TOO_FEW" });
    expect(server.confirmations()).toEqual({ aborted: "OUT_OF_ORDER" });
    expect(createSecaggServer(table.round, { verify }).neighboursOf(table.ids[0] as MemberId)).toEqual([]);
    const gone = table.ids[0] as MemberId;
    const shares = [...toUnmask(table, [gone])];
    for (const [index, [id, given]] of shares.entries()) {
      if (index < 3) expect(server.sum()).toMatchObject({ aborted: "TOO_FEW" });
      expect(server.transcript() === undefined).toBe(index < 3);
      expectDone(server.unmask(id, given));
      if (index >= 2)
        expect(server.sum()).toEqual({
          sum: sumOf(table, [gone]),
          survivors: table.ids.slice(1),
          faulty: [],
        });
    }
  });

  it("gives the same sum when members lie about their shares, as long as a threshold does not, and names them", () => {
    const table = seat(makeRound(8, { threshold: 5 }));
    const liars = table.ids.slice(1, 3);
    const random = createRandom("lies");
    const gone = table.ids[7] as MemberId;
    const lie = (shares: ReadonlyMap<MemberId, Uint8Array>): Map<MemberId, Uint8Array> =>
      new Map([...shares.keys()].map((id) => [id, random.bytes(32)]));
    for (const [id, given] of toUnmask(table, [gone])) {
      const told = liars.includes(id) ? { seeds: lie(given.seeds), keys: lie(given.keys) } : given;
      expectDone(table.server.unmask(id, told));
    }
    expect(table.server.sum()).toEqual({
      sum: sumOf(table, [gone]),
      survivors: table.ids.slice(0, 7),
      faulty: liars,
    });
  });

  it("gives no sum, and names the secret, when too many lie", () => {
    const table = seat(makeRound(5, { threshold: 4 }));
    const random = createRandom("lies");
    for (const [index, [id, given]] of [...toUnmask(table)].entries()) {
      const seeds = new Map(
        [...given.seeds].map(([of, share]) => [of, index < 2 ? random.bytes(32) : share]),
      );
      expectDone(table.server.unmask(id, { ...given, seeds }));
    }
    expect(table.server.sum()).toEqual({ aborted: "BAD_SHARES", member: table.ids[0] });
    expect(table.server.transcript()).toBeUndefined();
  });

  it("leaves out a member with too few neighbours left, and not the round", () => {
    for (const [neighbours, gone] of [
      [2, 2],
      [4, 3],
    ] as const) {
      const round = makeRound(12, { neighbours, threshold: neighbours - gone + 2 });
      const probe = seat(round);
      const lonely = round.members[3] as MemberId;
      const silent = probe.server.neighboursOf(lonely).slice(0, gone);
      const run = runRound(round, { silentFrom: new Map(silent.map((id) => [id, "shares" as const])) });
      expect(run.survivors).toEqual(round.members.filter((id) => id !== lonely && !silent.includes(id)));
      const present = run.survivors.map((id) => at(run.inputs, id));
      expect(run.outcome).toEqual({ sum: plainSum(present, round.dimension) });
    }
  });
});

describe("[SECAGG.16] an arbiter", () => {
  function transcriptOf(neighbours: number | "all"): { transcript: SecaggTranscript; sum: Int32Array } {
    const round = makeRound(8, { neighbours, fraction: 0.6 });
    const run = runRound(round, { silentFrom: new Map([[round.members[2] as MemberId, "masked"]]) });
    const transcript = run.server.transcript();
    if (transcript === undefined || !("sum" in run.outcome)) throw new RangeError("no sum");
    return { transcript, sum: run.outcome.sum };
  }

  it("computes the server's sum", () => {
    for (const neighbours of ["all", 4] as const) {
      const { transcript, sum } = transcriptOf(neighbours);
      expect(recomputeSum(transcript, { verify })).toEqual(sum);
    }
  });

  it("refuses a transcript in which anything but the masked inputs was changed", () => {
    const { transcript } = transcriptOf("all");
    const [first, second] = [...transcript.seeds.keys()] as [MemberId, MemberId];
    const [gone] = [...transcript.keys.keys()] as [MemberId];
    const seed = at(transcript.seeds, first);
    const with_ = (change: Partial<SecaggTranscript>): unknown =>
      recomputeSum({ ...transcript, ...change }, { verify });
    const other = new Uint8Array(32);
    expect(with_({ seeds: new Map([...transcript.seeds, [first, other]]) })).toEqual({
      rejected: "BAD_SHARES",
      member: first,
    });
    expect(with_({ seeds: new Map([...transcript.seeds, [second, seed]]) })).toEqual({
      rejected: "BAD_SHARES",
      member: second,
    });
    expect(with_({ keys: new Map([[gone, other]]) })).toEqual({ rejected: "BAD_SHARES", member: gone });
    expect(with_({ keys: new Map([[gone, other.subarray(1)]]) })).toEqual({
      rejected: "BAD_SHARES",
      member: gone,
    });
    expect(with_({ keys: new Map([...transcript.keys, [first, other]]) })).toEqual({
      rejected: "CONFLICT",
      member: first,
    });
    expect(with_({ keys: new Map([[stranger, other]]) })).toEqual({
      rejected: "UNKNOWN_MEMBER",
      member: stranger,
    });
    expect(with_({ seeds: new Map([...transcript.seeds, [gone, seed]]) })).toEqual({
      rejected: "UNKNOWN_MEMBER",
      member: gone,
    });
    const fewer = new Map(transcript.seeds);
    fewer.delete(second);
    expect(with_({ seeds: fewer })).toEqual({ rejected: "INCOMPLETE", member: second });
    expect(with_({ masked: new Map([...transcript.masked].slice(0, 3)) })).toMatchObject({
      rejected: "TOO_FEW",
    });
    const short = new Map([...transcript.masked, [first, new Uint32Array(32)]]);
    expect(with_({ masked: short })).toEqual({ rejected: "WRONG_DIMENSION", member: first });
    const forged = transcript.adverts.map((advert) => ({ ...advert, maskKey: advert.channelKey }));
    expect(with_({ adverts: forged })).toMatchObject({ rejected: "BAD_SIGNATURE" });
  });

  it("gets another sum from other inputs or another graph seed", () => {
    const { transcript, sum } = transcriptOf("all");
    const altered = new Map(
      [...transcript.masked].map(([id, vector], index) => [
        id,
        index === 0 ? vector.map((word, at) => (at === 5 ? word + 1 : word)) : vector,
      ]),
    );
    const moved = recomputeSum({ ...transcript, masked: altered }, { verify });
    expect(isRejection(moved)).toBe(false);
    expect([...(moved as Int32Array)].filter((word, index) => word !== sum[index])).toEqual([
      (sum[5] as number) + 1,
    ]);
    expect(recomputeSum({ ...transcript, graphSeed: new Uint8Array(32) }, { verify })).not.toEqual(sum);
  });

  it("cannot tell that a dropout's key is missing, but what comes out then is noise", () => {
    for (const neighbours of ["all", 4] as const) {
      const { transcript } = transcriptOf(neighbours);
      const spoilt = recomputeSum({ ...transcript, keys: new Map() }, { verify });
      if (isRejection(spoilt)) throw new RangeError(spoilt.rejected);
      // Eight inputs of 20 bits each: a sum lies within 2^23, a uniform word in one of 256.
      expect(spoilt.filter((word) => Math.abs(word) <= 2 ** 23).length).toBeLessThan(4);
    }
  });
});

describe("[SECAGG.9] masks between two members", () => {
  it("are added by one and subtracted by the other", () => {
    const [a, b] = addresses(2) as [MemberId, MemberId];
    expect([signOf(a, b), signOf(b, a)].sort()).toEqual([-1, 1]);
  });
});
