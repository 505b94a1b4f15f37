import { createHash } from "node:crypto";
import { concatBytes, createRandom, utf8 } from "@sheaf/base";
import { describe, expect, it } from "vitest";
import {
  createSecaggMember,
  createSecaggServer,
  isAbort,
  type KeyAdvert,
  keysRootInput,
  type MemberId,
  type SecaggMember,
  type SecaggRound,
  wordsToBytes,
} from "../../src/index.ts";
import { at, expectDone, graphSeed, makeRound, memberPorts, signAs, verify } from "./driver.ts";
import { addressBytes, agreeByDer, digestOf, littleEndian, maskWords } from "./independent.ts";

interface Party {
  readonly id: MemberId;
  readonly member: SecaggMember;
  readonly advert: KeyAdvert;
  /** What the member drew: mask secret, channel secret, seed. */
  readonly drawn: readonly Uint8Array[];
}

function party(round: SecaggRound, id: MemberId, entropy = "known answer"): Party {
  const drawn: Uint8Array[] = [];
  const ports = memberPorts(id, createRandom(entropy));
  const member = createSecaggMember(round, id, {
    ...ports,
    entropy(length) {
      const bytes = ports.entropy(length);
      drawn.push(bytes);
      return bytes;
    },
  });
  return { id, member, advert: member.advertise(), drawn };
}

function sessionOf(round: SecaggRound, adverts: readonly KeyAdvert[]): Uint8Array {
  const neighbours = round.neighbours === "all" ? 0 : round.neighbours;
  const numbers = [round.group ?? 0, round.threshold, neighbours, round.dimension].map(littleEndian);
  const members = concatBytes(...round.members.map(addressBytes));
  const name = digestOf("round", utf8(round.context), round.modelHash, ...numbers, members);
  return digestOf("session", name, keysRootInput(adverts), graphSeed);
}

const round = makeRound(5, { dimension: 70 });
const parties = round.members.map((id) => party(round, id));
const adverts = parties.map(({ advert }) => advert);

describe("an independent computation agrees", () => {
  it("[SECAGG.4] on what an advert commits to and what is signed for it", () => {
    for (const { id, advert, drawn } of parties) {
      const [, , seed] = drawn as [Uint8Array, Uint8Array, Uint8Array];
      expect(advert.seedDigest).toEqual(new Uint8Array(digestOf("seed", addressBytes(id), seed)));
      const fields = concatBytes(addressBytes(id), advert.channelKey, advert.maskKey, advert.seedDigest);
      const signed = digestOf("keys", utf8(round.context), round.modelHash, fields);
      expect(advert.signature).toEqual(signAs(id, concatBytes(utf8("sheaf/secagg/1/keys"), signed)));
    }
  });

  it("[SECAGG.4] on keys that are new for every member and every time it is made", () => {
    const again = round.members.map((id) => party(round, id, "other entropy").advert);
    const secrets = [...adverts, ...again].flatMap((advert) => [
      advert.channelKey,
      advert.maskKey,
      advert.seedDigest,
    ]);
    expect(new Set(secrets.map((bytes) => bytes.join())).size).toBe(30);
  });

  it("[SECAGG.6] on the bytes whose hash is committed", () => {
    const fields = adverts.map((advert) =>
      concatBytes(addressBytes(advert.member), advert.channelKey, advert.maskKey, advert.seedDigest),
    );
    const expected = concatBytes(utf8("sheaf/secagg/1/keys-root"), littleEndian(5), ...fields);
    expect(keysRootInput([...adverts].reverse())).toEqual(expected);
  });

  it("[SECAGG.9] on every masked input, and [SECAGG.12] on what is signed for the survivors", () => {
    const server = createSecaggServer(round, { verify });
    expectDone(server.adverts(adverts, graphSeed));
    for (const { id, member } of parties) {
      expectDone(server.shares(id, expectDone(member.share(adverts, graphSeed)).sealed));
    }
    const relayed = server.relay();
    if (isAbort(relayed)) throw new RangeError(relayed.aborted);
    const session = sessionOf(round, adverts);
    const hash = createHash("sha256");
    for (const { id, member, drawn } of parties) {
      const [maskSecret, , seed] = drawn as [Uint8Array, Uint8Array, Uint8Array];
      const input = Int32Array.from({ length: 70 }, (_, index) => index * index - 1_000);
      const expected = input.slice();
      const add = (words: Int32Array, sign: number): void => {
        for (const [index, word] of words.entries())
          expected[index] = (expected[index] as number) + sign * word;
      };
      add(maskWords(seed, session, "self-mask", [id], 70), 1);
      for (const other of adverts) {
        if (other.member === id) continue;
        const agreed = agreeByDer(maskSecret, other.maskKey);
        add(maskWords(agreed, session, "pair-mask", [id, other.member], 70), id < other.member ? 1 : -1);
      }
      const { masked } = expectDone(member.mask(at(relayed.sealedFor, id), input));
      expect(masked).toEqual(new Uint32Array(expected.buffer));
      hash.update(wordsToBytes(masked));
      const message = digestOf("survivors", session, Uint8Array.of(0b11111));
      const { signature } = expectDone(member.confirm(round.members));
      expect(signature).toEqual(signAs(id, concatBytes(utf8("sheaf/secagg/1/survivors"), message)));
    }
    // Pinned, so that a change of any derivation is a change of the protocol's version.
    expect(hash.digest("hex")).toBe("3ed7a29f0837b21d7feac1e7471f4768ab06fbf5b83e77c1a275cac2c1f04476");
  });
});
