import { createRandom } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createSecaggMember,
  createSecaggServer,
  isAbort,
  isRejection,
  type KeyAdvert,
  type MemberId,
  type SecaggMember,
  type SecaggRound,
  type UnmaskShares,
} from "../../src/index.ts";
import { advertMessage } from "../../src/secagg/adverts.ts";
import { drawGraph, drawOrder } from "../../src/secagg/graph.ts";
import { leastConfirmations } from "../../src/secagg/round.ts";
import { openSession, type Session } from "../../src/secagg/session.ts";
import { survivorsMessage } from "../../src/secagg/survivors.ts";
import {
  addresses,
  at,
  expectDone,
  graphSeed,
  makeMembers,
  makeRound,
  memberPorts,
  signAs,
  verify,
} from "./driver.ts";

const stranger = addresses(200).at(-1) as MemberId;

interface Shared {
  readonly round: SecaggRound;
  readonly members: ReadonlyMap<MemberId, SecaggMember>;
  readonly adverts: readonly KeyAdvert[];
  readonly sealedFor: ReadonlyMap<MemberId, ReadonlyMap<MemberId, Uint8Array>>;
  readonly session: Session;
}

/** A round up to the relay of R1, with all members. */
function shareAll(round: SecaggRound): Shared {
  const members = makeMembers(round);
  const adverts = [...members.values()].map((member) => member.advertise());
  const server = createSecaggServer(round, { verify });
  expectDone(server.adverts(adverts, graphSeed));
  for (const [id, member] of members) {
    expectDone(server.shares(id, expectDone(member.share(adverts, graphSeed)).sealed));
  }
  const relayed = server.relay();
  const session = openSession(round, adverts, graphSeed, verify);
  if (isAbort(relayed) || isRejection(session)) throw new RangeError("not shared");
  return { round, members, adverts, sealedFor: relayed.sealedFor, session };
}

/** A round up to R2, with all members. */
function maskAll(round: SecaggRound): Shared {
  const shared = shareAll(round);
  for (const [id, member] of shared.members) {
    expectDone(member.mask(at(shared.sealedFor, id), new Int32Array(round.dimension)));
  }
  return shared;
}

function pick(shared: Shared, index: number): { id: MemberId; member: SecaggMember } {
  const id = shared.round.members[index] as MemberId;
  return { id, member: at(shared.members, id) };
}

describe("[SECAGG.5] R1 refuses key lists", () => {
  const round = makeRound(6);
  const fresh = (): {
    members: Map<MemberId, SecaggMember>;
    adverts: KeyAdvert[];
    first: SecaggMember;
    ids: MemberId[];
  } => {
    const members = makeMembers(round);
    const ids = [...round.members];
    const first = at(members, ids[0] as MemberId);
    return { members, adverts: [...members.values()].map((member) => member.advertise()), first, ids };
  };
  /** A list in which the advert of member 3 is changed, and signed again by who it is from. */
  const resigned = (adverts: readonly KeyAdvert[], change: Partial<KeyAdvert>): KeyAdvert[] =>
    adverts.map((advert, index) => {
      if (index !== 3) return advert;
      const changed = { ...advert, ...change };
      return { ...changed, signature: signAs(changed.member, advertMessage(round, changed)) };
    });

  it("with keys that the server put in", () => {
    const { adverts, first, ids } = fresh();
    const mine = at(makeMembers(round, "server's own"), ids[3] as MemberId).advertise();
    for (const key of ["channelKey", "maskKey", "seedDigest"] as const) {
      const list = adverts.map((advert, index) => (index === 3 ? { ...advert, [key]: mine[key] } : advert));
      expect(first.share(list, graphSeed), key).toEqual({ rejected: "BAD_SIGNATURE", member: ids[3] });
    }
    expect("sealed" in first.share(adverts, graphSeed)).toBe(true);
  });

  it("of another attempt or for another model", () => {
    for (const change of [{ context: "1337|7|3|0" }, { modelHash: new Uint8Array(32) }]) {
      const { adverts, first, ids } = fresh();
      const replayed = at(makeMembers({ ...round, ...change }), ids[2] as MemberId).advertise();
      const list = adverts.map((advert, index) => (index === 2 ? replayed : advert));
      expect(first.share(list, graphSeed)).toEqual({ rejected: "BAD_SIGNATURE", member: ids[2] });
    }
  });

  it("with keys of low order, of another form or length", () => {
    const { adverts, first, ids } = fresh();
    const member = ids[3];
    const weak = resigned(adverts, { maskKey: new Uint8Array(32) });
    expect(first.share(weak, graphSeed)).toEqual({ rejected: "BAD_KEY", member });
    const high = new Uint8Array(32).fill(0xff);
    expect(first.share(resigned(adverts, { channelKey: high }), graphSeed)).toEqual({
      rejected: "BAD_KEY",
      member,
    });
    const short = resigned(adverts, { seedDigest: new Uint8Array(31) });
    expect(first.share(short, graphSeed)).toEqual({ rejected: "MALFORMED", member });
  });

  it("with strangers, repeats, too few, without the member or with other keys of it", () => {
    const { members, adverts, first, ids } = fresh();
    const alien = { ...(adverts[3] as KeyAdvert), member: stranger };
    expect(first.share([...adverts, alien], graphSeed)).toEqual({
      rejected: "UNKNOWN_MEMBER",
      member: stranger,
    });
    const twice = [...adverts, adverts[3] as KeyAdvert];
    expect(first.share(twice, graphSeed)).toEqual({ rejected: "DUPLICATE", member: ids[3] });
    expect(first.share(adverts.slice(0, 3), graphSeed)).toEqual({ rejected: "TOO_FEW" });
    expect(first.share(adverts.slice(1), graphSeed)).toEqual({ rejected: "LEFT_OUT", member: ids[0] });
    // The member's own advert of an earlier start under the same context.
    const earlier = at(makeMembers(round, "before the crash"), ids[0] as MemberId).advertise();
    expect(first.share([earlier, ...adverts.slice(1)], graphSeed)).toEqual({
      rejected: "LEFT_OUT",
      member: ids[0],
    });
    expect(first.share(adverts, new Uint8Array(31))).toEqual({ rejected: "MALFORMED" });
    expect(members.size).toBe(6);
  });

  it("[SECAGG.13] a second time", () => {
    const { adverts, first } = fresh();
    expectDone(first.share(adverts, graphSeed));
    expect(first.share(adverts, graphSeed)).toEqual({ rejected: "OUT_OF_ORDER" });
    expect(first.share(adverts, new Uint8Array(32))).toEqual({ rejected: "OUT_OF_ORDER" });
  });

  it("[SECAGG.7] for a group that is not of the announced round", () => {
    const { adverts, first, ids } = fresh();
    const groupOf = (change: Partial<SecaggRound>): SecaggRound => ({ ...round, group: 1, ...change });
    const others = [...ids.slice(0, 5), stranger].sort();
    for (const change of [
      { context: "1337|7|3|2" },
      { modelHash: new Uint8Array(32) },
      { dimension: 34 },
      { members: others, threshold: 4 },
      { members: ids.slice(1), threshold: 4 },
    ]) {
      expect(first.share(adverts, graphSeed, groupOf(change))).toEqual({ rejected: "WRONG_ROUND" });
    }
    const grouped = first.share(
      adverts.slice(0, 4),
      graphSeed,
      groupOf({ members: ids.slice(0, 4), threshold: 3 }),
    );
    expect(isRejection(grouped)).toBe(false);
  });
});

describe("[SECAGG.8] R2 opens no shares made under another", () => {
  /** Members whose signatures nobody checks: what is left is what the sealing binds. */
  function trusting(round: SecaggRound): SecaggMember[] {
    const random = createRandom("trusting");
    return round.members.map((id) =>
      createSecaggMember(round, id, { ...memberPorts(id, random), verify: () => true }),
    );
  }
  const round = makeRound(4);
  const [victim] = round.members as [MemberId];

  const cases: readonly (readonly [string, Partial<SecaggRound>, Uint8Array])[] = [
    ["model", { modelHash: new Uint8Array(32) }, graphSeed],
    ["graph", {}, new Uint8Array(32)],
    ["attempt", { context: "1337|7|3|0" }, graphSeed],
    ["group", { group: 3 }, graphSeed],
    ["dimension", { dimension: 34 }, graphSeed],
    ["threshold", { threshold: 4 }, graphSeed],
  ];
  it.each(cases)("%s", (_, change, seed) => {
    const honest = trusting(round);
    const others = trusting({ ...round, ...change });
    const members = honest.map((member, index) => (index === 1 ? (others[1] as SecaggMember) : member));
    const adverts = members.map((member) => member.advertise());
    const received = new Map<MemberId, Uint8Array>();
    members.forEach((member, index) => {
      const { sealed } = expectDone(member.share(adverts, index === 1 ? seed : graphSeed));
      if (index > 0) received.set(round.members[index] as MemberId, at(sealed, victim));
    });
    const [first] = honest as [SecaggMember];
    expect(first.mask(received, new Int32Array(33))).toEqual({
      rejected: "BAD_SEAL",
      member: round.members[1],
    });
  });

  it("list of keys", () => {
    const members = trusting(round);
    const adverts = members.map((member) => member.advertise());
    const more = trusting({ ...round }).map((member) => member.advertise());
    const received = new Map<MemberId, Uint8Array>();
    members.forEach((member, index) => {
      const list =
        index === 1
          ? adverts.with(3, {
              ...(more[3] as KeyAdvert),
              maskKey: (adverts[2] as KeyAdvert).maskKey,
            })
          : adverts;
      const { sealed } = expectDone(member.share(list, graphSeed));
      if (index > 0) received.set(round.members[index] as MemberId, at(sealed, victim));
    });
    expect((members[0] as SecaggMember).mask(received, new Int32Array(33))).toMatchObject({
      rejected: "BAD_SEAL",
    });
  });
});

describe("[SECAGG.9] R2 refuses", () => {
  it("shares from strangers, itself or others than its neighbours, altered, swapped or too few", () => {
    const shared = shareAll(makeRound(9, { neighbours: 4 }));
    const { id, member } = pick(shared, 0);
    const received = at(shared.sealedFor, id);
    const [a, b] = [...received.keys()] as [MemberId, MemberId];
    const input = new Int32Array(33);
    const distant = shared.round.members.find((other) => other !== id && !received.has(other)) as MemberId;
    const withEntry = (sender: MemberId, sealed: Uint8Array): Map<MemberId, Uint8Array> =>
      new Map([...received, [sender, sealed]]);
    const sealed = at(received, a);
    expect(member.mask(withEntry(stranger, sealed), input)).toEqual({
      rejected: "UNKNOWN_MEMBER",
      member: stranger,
    });
    expect(member.mask(withEntry(id, sealed), input)).toEqual({ rejected: "OWN_MESSAGE", member: id });
    expect(member.mask(withEntry(distant, sealed), input)).toEqual({
      rejected: "NOT_A_NEIGHBOUR",
      member: distant,
    });
    expect(member.mask(withEntry(b, sealed), input)).toEqual({ rejected: "BAD_SEAL", member: b });
    const altered = sealed.slice();
    altered[40] = (altered[40] as number) ^ 1;
    expect(member.mask(withEntry(a, altered), input)).toEqual({ rejected: "BAD_SEAL", member: a });
    const few = new Map([...received].slice(0, shared.round.threshold - 2));
    expect(member.mask(few, input)).toEqual({ rejected: "TOO_FEW" });
    expect(member.mask(received, new Int32Array(32))).toEqual({ rejected: "WRONG_DIMENSION", member: id });
    expect(isRejection(member.mask(received, input))).toBe(false);
  });

  it("[SECAGG.13] a second input, and any before the shares", () => {
    const shared = shareAll(makeRound(5));
    const { id, member } = pick(shared, 2);
    expectDone(member.mask(at(shared.sealedFor, id), new Int32Array(33)));
    expect(member.mask(at(shared.sealedFor, id), new Int32Array(33).fill(1))).toEqual({
      rejected: "OUT_OF_ORDER",
    });
    const early = at(makeMembers(shared.round, "early"), id);
    expect(early.mask(at(shared.sealedFor, id), new Int32Array(33))).toEqual({ rejected: "OUT_OF_ORDER" });
  });
});

describe("[SECAGG.11] R3 signs no survivors", () => {
  it("that leave the member out, are unknown, repeated, unsorted or too few", () => {
    const shared = maskAll(makeRound(6));
    const { id, member } = pick(shared, 1);
    const all = shared.round.members;
    expect(member.confirm(all.filter((other) => other !== id))).toEqual({ rejected: "LEFT_OUT", member: id });
    expect(member.confirm([...all, stranger])).toEqual({ rejected: "UNKNOWN_MEMBER", member: stranger });
    expect(member.confirm([all[0] as string, ...all])).toEqual({ rejected: "DUPLICATE", member: all[0] });
    expect(member.confirm([...all].reverse())).toMatchObject({ rejected: "MALFORMED" });
    expect(member.confirm(all.slice(0, 3))).toEqual({ rejected: "TOO_FEW" });
    expect(isRejection(member.confirm(all))).toBe(false);
  });

  it("of which a neighbour never gave it shares", () => {
    const shared = shareAll(makeRound(6));
    const { id, member } = pick(shared, 1);
    const received = new Map(at(shared.sealedFor, id));
    const [missing] = [...received.keys()] as [MemberId];
    received.delete(missing);
    expectDone(member.mask(received, new Int32Array(33)));
    expect(member.confirm(shared.round.members)).toEqual({ rejected: "INCOMPLETE", member: missing });
  });

  it("that fall apart, or leave it too few neighbours", () => {
    const round = makeRound(20, { neighbours: 2, threshold: 2 });
    const shared = maskAll(round);
    const graph = drawGraph(round.members, 2, graphSeed);
    const { id, member } = pick(shared, 0);
    const [left, right] = [...at(graph, id)] as [MemberId, MemberId];
    const beyond = [...at(graph, left)].find((other) => other !== id) as MemberId;
    const without = (...gone: MemberId[]): MemberId[] =>
      round.members.filter((other) => !gone.includes(other));
    expect(member.confirm(without(right, beyond))).toEqual({ rejected: "DISCONNECTED" });
    const dense = maskAll(makeRound(12, { neighbours: 4, fraction: 0.8 }));
    const me = pick(dense, 0);
    const near = [...dense.session.neighboursOf(me.id)].slice(0, 2);
    const rest = dense.round.members.filter((other) => !near.includes(other));
    expect(me.member.confirm(rest)).toEqual({ rejected: "TOO_FEW" });
  });

  it("[SECAGG.13] other than those it has signed", () => {
    const shared = maskAll(makeRound(6));
    const { member } = pick(shared, 0);
    const all = shared.round.members;
    const first = expectDone(member.confirm(all));
    expect(member.confirm(all.slice(0, 5))).toEqual({ rejected: "CONFLICT" });
    expect(member.confirm(all)).toEqual(first);
    const early = at(makeMembers(shared.round, "early"), all[0] as MemberId);
    expect(early.confirm(all)).toEqual({ rejected: "OUT_OF_ORDER" });
  });
});

describe("[SECAGG.12] R4 gives nothing", () => {
  function confirmed(): {
    shared: Shared;
    member: SecaggMember;
    signatures: Map<MemberId, Uint8Array>;
    others: MemberId[];
  } {
    const shared = maskAll(makeRound(6));
    const survivors = shared.round.members.slice(0, 5);
    const signatures = new Map<MemberId, Uint8Array>();
    for (const id of survivors) {
      signatures.set(id, expectDone(at(shared.members, id).confirm(survivors)).signature);
    }
    return { shared, member: pick(shared, 0).member, signatures, others: survivors.slice(1) };
  }

  it("before it has confirmed, or without a threshold of confirmations", () => {
    const { shared, member, signatures, others } = confirmed();
    const early = maskAll(shared.round);
    expect(pick(early, 0).member.unmask(signatures)).toEqual({ rejected: "OUT_OF_ORDER" });
    expect(member.unmask(new Map())).toEqual({ rejected: "TOO_FEW" });
    const some = new Map(others.slice(0, 2).map((id) => [id, at(signatures, id)]));
    expect(member.unmask(some)).toEqual({ rejected: "TOO_FEW" });
    const own = new Map([
      ...some,
      [shared.round.members[0] as MemberId, at(signatures, shared.round.members[0] as MemberId)],
    ]);
    expect(member.unmask(own), "its own counts once").toEqual({ rejected: "TOO_FEW" });
    const enough = new Map(others.slice(0, 3).map((id) => [id, at(signatures, id)]));
    expect(isRejection(member.unmask(enough))).toBe(false);
  });

  it("for confirmations that are forged, of other survivors, of another session or of no survivor", () => {
    const { shared, member, signatures, others } = confirmed();
    const [someone] = others as [MemberId];
    const forged = new Map([...signatures, [someone, at(signatures, others[1] as MemberId)]]);
    expect(member.unmask(forged)).toEqual({ rejected: "BAD_SIGNATURE", member: someone });
    const otherSet = signAs(someone, survivorsMessage(shared.session, shared.round.members));
    expect(member.unmask(new Map([...signatures, [someone, otherSet]]))).toEqual({
      rejected: "BAD_SIGNATURE",
      member: someone,
    });
    const session = openSession(shared.round, shared.adverts, new Uint8Array(32), verify);
    if (isRejection(session)) throw new RangeError("no session");
    const replayed = signAs(someone, survivorsMessage(session, shared.round.members.slice(0, 5)));
    expect(member.unmask(new Map([...signatures, [someone, replayed]]))).toEqual({
      rejected: "BAD_SIGNATURE",
      member: someone,
    });
    const gone = shared.round.members[5] as MemberId;
    expect(member.unmask(new Map([...signatures, [gone, otherSet]]))).toEqual({
      rejected: "UNKNOWN_MEMBER",
      member: gone,
    });
  });

  it("when the two sides of a sparse graph are told different survivors, though neighbourhoods agree", () => {
    const round = makeRound(20, { neighbours: 6, threshold: 4 });
    const shared = maskAll(round);
    const ring = drawOrder(round.members, "graph", graphSeed);
    const victim = ring[4] as MemberId;
    const lists = [round.members, round.members.filter((id) => id !== victim)] as const;
    const listFor = (id: MemberId): readonly MemberId[] => lists[ring.indexOf(id) < 10 ? 0 : 1];
    const signatures = new Map(
      ring.map((id) => [id, expectDone(at(shared.members, id).confirm(listFor(id))).signature]),
    );
    for (const [index, id] of ring.entries()) {
      const alike = ring.filter((other) => listFor(other) === listFor(id));
      const near = alike.filter((other) => other === id || shared.session.neighboursOf(id).has(other));
      expect(near.length, `neighbourhood of ${index}`).toBeGreaterThanOrEqual(round.threshold);
      const confirmations = new Map(alike.map((other) => [other, at(signatures, other)]));
      expect(at(shared.members, id).unmask(confirmations)).toEqual({ rejected: "TOO_FEW" });
    }
  });

  it("below a threshold of its neighbourhood, however many others have signed", () => {
    const round = makeRound(20, { neighbours: 6, threshold: 4 });
    const shared = maskAll(round);
    const signatures = new Map(
      round.members.map((id) => [id, expectDone(at(shared.members, id).confirm(round.members)).signature]),
    );
    const { id, member } = pick(shared, 0);
    const [a, b, ...silent] = [...shared.session.neighboursOf(id)] as [MemberId, MemberId, ...MemberId[]];
    const left = new Map([...signatures].filter(([other]) => !silent.includes(other)));
    expect(left.size).toBeGreaterThanOrEqual(leastConfirmations(round));
    expect(left.has(a) && left.has(b)).toBe(true);
    expect(member.unmask(left)).toEqual({ rejected: "TOO_FEW" });
    expect(isRejection(member.unmask(signatures))).toBe(false);
  });

  it("[SECAGG.13] gives the seed of each survivor and the key of each dropout, and again the same", () => {
    const { shared, member, signatures } = confirmed();
    const { shares } = expectDone(member.unmask(signatures));
    expect([...shares.seeds.keys()].sort()).toEqual(shared.round.members.slice(0, 5));
    expect([...shares.keys.keys()]).toEqual(shared.round.members.slice(5));
    expect(expectDone(member.unmask(signatures)).shares).toEqual(shares);
  });
});

const attack = fc
  .record({
    members: fc.integer({ min: 4, max: 9 }),
    fraction: fc.constantFrom(0.5, 2 / 3, 0.8),
    neighbours: fc.oneof(fc.constant("all" as const), fc.integer({ min: 3, max: 5 })),
    seed: fc.integer({ min: 0, max: 1e9 }),
  })
  .map(({ members, fraction, neighbours, seed }) => ({
    round: makeRound(members, { fraction, neighbours, dimension: 2 }),
    random: createRandom(seed),
  }));

describe("[SECAGG.13] a server that lies about the survivors", () => {
  it("gets a threshold of shares of one of a member's two secrets only, with as many colluding members as may be", () => {
    let opened = 0;
    fc.assert(
      fc.property(attack, ({ round, random }) => {
        const shared = maskAll(round);
        const inBoth = 2 * leastConfirmations(round) - round.members.length;
        const most = Math.min(inBoth, round.threshold) - 1;
        const colluders = new Set(random.shuffle(round.members).slice(0, random.int(most + 1)));
        const honest = round.members.filter((id) => !colluders.has(id));
        // Each honest member is told one of two lists, with or without the victim.
        const victim = random.pick(honest);
        const lists = [round.members, round.members.filter((id) => id !== victim)];
        const told = new Map(honest.map((id) => [id, id === victim ? 0 : random.int(2)]));
        const signatures = lists.map((list, which) => {
          const signed = new Map<MemberId, Uint8Array>();
          for (const id of colluders) signed.set(id, signAs(id, survivorsMessage(shared.session, list)));
          for (const [id, heard] of told) {
            const confirmation = heard === which ? at(shared.members, id).confirm(list) : undefined;
            if (confirmation !== undefined && "signature" in confirmation)
              signed.set(id, confirmation.signature);
          }
          return signed;
        });
        const seeds = new Set<MemberId>([...colluders].filter((id) => shared.session.isHolder(id, victim)));
        const keys = new Set(seeds);
        for (const id of honest) {
          const answers = random
            .shuffle([0, 1])
            .map((which) => at(shared.members, id).unmask(at(new Map(signatures.entries()), which)));
          const given = answers.filter((answer): answer is { shares: UnmaskShares } => "shares" in answer);
          const gaveSeed = given.some(({ shares }) => shares.seeds.has(victim));
          const gaveKey = given.some(({ shares }) => shares.keys.has(victim));
          expect(gaveSeed && gaveKey).toBe(false);
          if (gaveSeed) seeds.add(id);
          if (gaveKey) keys.add(id);
        }
        if (seeds.size >= round.threshold || keys.size >= round.threshold) opened++;
        expect(Math.min(seeds.size, keys.size)).toBeLessThan(round.threshold);
      }),
      { numRuns: 80 },
    );
    expect(opened).toBeGreaterThan(0);
  });

  it("gets no second kind of share by asking in any order", () => {
    fc.assert(
      fc.property(attack, ({ round, random }) => {
        const shared = maskAll(round);
        const { id, member } = pick(shared, 0);
        const lists = Array.from({ length: 3 }, () => {
          const left = random.shuffle(round.members).slice(0, round.members.length - random.int(2));
          return [...new Set([id, ...left])].sort();
        });
        const given: UnmaskShares[] = [];
        for (let call = 0; call < 12; call++) {
          const list = random.pick(lists);
          const signatures = new Map(
            list.map((other) => [other, signAs(other, survivorsMessage(shared.session, list))]),
          );
          if (random.chance(0.5)) member.confirm(list);
          const answer = member.unmask(signatures);
          if ("shares" in answer) given.push(answer.shares);
        }
        const seeds = new Set(given.flatMap((shares) => [...shares.seeds.keys()]));
        for (const shares of given)
          for (const other of shares.keys.keys()) expect(seeds.has(other)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});
