import { concatBytes, createRandom } from "@sheaf/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeConfirmation,
  decodeConfirmations,
  decodeKeyAdvert,
  decodeKeyAdverts,
  decodeMasked,
  decodeSealedShares,
  decodeSurvivors,
  decodeTranscript,
  decodeUnmaskShares,
  encodeConfirmation,
  encodeConfirmations,
  encodeKeyAdvert,
  encodeKeyAdverts,
  encodeMasked,
  encodeSealedShares,
  encodeSurvivors,
  encodeTranscript,
  encodeUnmaskShares,
  isRejection,
  type MemberId,
  maskedMessageBytes,
  type Rejection,
  recomputeSum,
  type SecaggRound,
  wordsToBytes,
} from "../../src/index.ts";
import { addresses, at, makeMembers, makeRound, runRound, verify } from "./driver.ts";

/** A kind of message: its bytes, and what comes back from bytes as bytes again. */
interface Sample {
  readonly name: string;
  readonly message: Uint8Array;
  again(round: SecaggRound, message: Uint8Array): Uint8Array | Rejection;
}

const HEADER = 36;
const round = makeRound(9, { dimension: 5 });
const random = createRandom("codec");

function recode<T extends object>(
  decode: (round: SecaggRound, message: Uint8Array) => T | Rejection,
  encode: (round: SecaggRound, value: T) => Uint8Array,
): Sample["again"] {
  return (within, message) => {
    const value = decode(within, message);
    return isRejection(value) ? value : encode(within, value);
  };
}

function samples(): Sample[] {
  const run = runRound(round, { silentFrom: new Map([[round.members[3] as MemberId, "masked"]]) });
  const transcript = run.server.transcript();
  if (transcript === undefined) throw new RangeError("no transcript");
  const contents = (length: number): Map<MemberId, Uint8Array> =>
    new Map(round.members.slice(2, 7).map((id) => [id, random.bytes(length)]));
  const halves = round.members.map((id) => [id, random.bytes(32)] as const);
  const [advert] = run.adverts as [(typeof run.adverts)[0]];
  const shares = { seeds: new Map(halves.slice(0, 5)), keys: new Map(halves.slice(5)) };
  return [
    {
      name: "advert",
      message: encodeKeyAdvert(round, advert),
      again: recode(decodeKeyAdvert, encodeKeyAdvert),
    },
    {
      name: "adverts",
      message: encodeKeyAdverts(round, run.adverts),
      again: recode(decodeKeyAdverts, encodeKeyAdverts),
    },
    {
      name: "sealed shares",
      message: encodeSealedShares(round, contents(80)),
      again: recode(decodeSealedShares, encodeSealedShares),
    },
    {
      name: "masked input",
      message: encodeMasked(
        round,
        Uint32Array.from({ length: 5 }, () => random.uint32()),
      ),
      again: recode(decodeMasked, encodeMasked),
    },
    {
      name: "survivors",
      message: encodeSurvivors(round, run.survivors),
      again: recode(decodeSurvivors, encodeSurvivors),
    },
    {
      name: "confirmation",
      message: encodeConfirmation(round, random.bytes(65)),
      again: recode(decodeConfirmation, encodeConfirmation),
    },
    {
      name: "confirmations",
      message: encodeConfirmations(round, contents(65)),
      again: recode(decodeConfirmations, encodeConfirmations),
    },
    {
      name: "unmask shares",
      message: encodeUnmaskShares(round, shares),
      again: recode(decodeUnmaskShares, encodeUnmaskShares),
    },
    {
      name: "transcript",
      message: encodeTranscript(transcript),
      again: recode(decodeTranscript, (_, value) => encodeTranscript(value)),
    },
  ];
}

const all = samples();
const byName = new Map(all.map((sample) => [sample.name, sample]));

describe.each(all)("[SECAGG.17] $name", ({ message, again }) => {
  it("comes back as it was", () => {
    expect(again(round, message)).toEqual(message);
  });

  it("is read from a Buffer as from any bytes, and what it holds is its own", () => {
    const buffer = Buffer.from(message);
    expect(again(round, buffer)).toEqual(message);
  });

  it("of another round, model or kind is none of this one", () => {
    for (const change of [{ context: "1337|7|4|1" }, { modelHash: new Uint8Array(32) }]) {
      expect(again({ ...round, ...change }, message)).toEqual({ rejected: "WRONG_ROUND" });
    }
    for (const other of all) {
      if (other.message !== message) expect(again(round, other.message)).toEqual({ rejected: "MALFORMED" });
    }
  });

  it("is refused when cut short or longer", () => {
    for (let length = 0; length < message.length; length++) {
      const cut = again(round, message.subarray(0, length));
      // Entries end at whole members, so that a cut between two of them is a shorter message, and says the same.
      expect(
        isRejection(cut) || Buffer.from(cut).equals(message.subarray(0, length)),
        `${length} bytes`,
      ).toBe(true);
    }
    const longer = again(round, concatBytes(message, Uint8Array.of(0)));
    expect(isRejection(longer) || Buffer.from(longer).equals(concatBytes(message, Uint8Array.of(0)))).toBe(
      true,
    );
  });

  it("has one form: whatever is read is written as the same bytes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255), kind: fc.nat(3) }), {
          minLength: 1,
          maxLength: 4,
        }),
        (edits) => {
          let bytes = [...message];
          for (const { at: where, byte, kind } of edits) {
            const index = HEADER + (where % Math.max(1, bytes.length - HEADER));
            if (kind === 0) bytes.splice(index, 1);
            else if (kind === 1) bytes.splice(index, 0, byte);
            else bytes[index] = byte;
          }
          bytes = bytes.slice(0, 4 * message.length);
          const altered = Uint8Array.from(bytes);
          const result = again(round, altered);
          if (!isRejection(result)) expect(result).toEqual(altered);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("[SECAGG.17] a message is refused", () => {
  const messageOf = (name: string): Uint8Array => at(byName, name).message;

  it("when it is of another group", () => {
    for (const name of ["sealed shares", "masked input", "survivors", "confirmation", "unmask shares"]) {
      expect(at(byName, name).again({ ...round, group: 1 }, messageOf(name)), name).toEqual({
        rejected: "WRONG_ROUND",
      });
    }
    // Keys are advertised before groups are drawn.
    expect(isRejection(decodeKeyAdvert({ ...round, group: 1 }, messageOf("advert")))).toBe(false);
  });

  it("with another number of words", () => {
    const words = encodeMasked(round, new Uint32Array(6));
    expect(decodeMasked(round, words)).toEqual({ rejected: "WRONG_DIMENSION" });
    expect(words.length).toBe(maskedMessageBytes(6));
  });

  it("with strangers, repeats or another order", () => {
    const sealed = messageOf("sealed shares").slice();
    const entry = (index: number): number => HEADER + 82 * index;
    const withIndex = (where: number, value: number): Uint8Array => {
      const changed = sealed.slice();
      changed[entry(where)] = value;
      return changed;
    };
    expect(decodeSealedShares(round, withIndex(4, 9))).toEqual({ rejected: "UNKNOWN_MEMBER" });
    expect(decodeSealedShares(round, withIndex(1, 2))).toEqual({
      rejected: "DUPLICATE",
      member: round.members[2],
    });
    expect(decodeSealedShares(round, withIndex(1, 8))).toEqual({ rejected: "MALFORMED" });
    const adverts = [...makeMembers(round).values()].map((member) => member.advertise());
    const [first, second] = adverts as [(typeof adverts)[0], (typeof adverts)[0]];
    expect(decodeKeyAdverts(round, encodeKeyAdverts(round, [first, first]))).toEqual({
      rejected: "DUPLICATE",
      member: first.member,
    });
    expect(decodeKeyAdverts(round, encodeKeyAdverts(round, [second, first]))).toEqual([first, second]);
    const stranger = addresses(60).find((id) => !round.members.includes(id)) as MemberId;
    expect(decodeKeyAdvert(round, encodeKeyAdvert(round, { ...first, member: stranger }))).toEqual({
      rejected: "UNKNOWN_MEMBER",
      member: stranger,
    });
  });

  it("[SECAGG.13] with both shares of one member", () => {
    const [id] = round.members as [MemberId];
    const share = random.bytes(32);
    const single = encodeUnmaskShares(round, { seeds: new Map([[id, share]]), keys: new Map() });
    const both = concatBytes(single, single.subarray(HEADER));
    both[HEADER + 35 + 2] = 1;
    expect(decodeUnmaskShares(round, both)).toEqual({ rejected: "DUPLICATE", member: id });
    const third = single.slice();
    third[HEADER + 2] = 2;
    expect(decodeUnmaskShares(round, third)).toEqual({ rejected: "MALFORMED", member: id });
  });

  it("with bits beyond the members", () => {
    const survivors = messageOf("survivors").slice();
    survivors[survivors.length - 1] = 0xff;
    expect(decodeSurvivors(round, survivors)).toEqual({ rejected: "MALFORMED" });
  });
});

describe("messages", () => {
  it("have known sizes", () => {
    const sizes = Object.fromEntries(all.map(({ name, message }) => [name, message.length]));
    expect(sizes).toEqual({
      advert: 36 + 20 + 96 + 32,
      adverts: 36 + 9 * (4 + 20 + 96 + 32),
      "sealed shares": 36 + 5 * 82,
      "masked input": 36 + 20,
      survivors: 36 + 2,
      confirmation: 36 + 65,
      confirmations: 36 + 1 + 5 * 67,
      "unmask shares": 36 + 9 * 35,
      transcript: 36 + 5 * 4 + 32 + 9 * (4 + 20 + 96 + 32) + 8 * (2 + 20) + 9 * 34,
    });
  });

  it("hold words as little-endian bytes, wherever they lie in memory", () => {
    const words = Uint32Array.of(1, 0xdeadbeef, 0, 0xffffffff, 7);
    expect([...wordsToBytes(words).subarray(0, 8)]).toEqual([1, 0, 0, 0, 0xef, 0xbe, 0xad, 0xde]);
    for (const shift of [0, 1, 2, 3]) {
      const message = encodeMasked(round, words);
      const moved = concatBytes(new Uint8Array(shift), message).subarray(shift);
      expect(decodeMasked(round, moved)).toEqual(words);
    }
  });

  it("give shares and keys that do not change with the memory they came in", () => {
    const message = Buffer.from(at(byName, "unmask shares").message);
    const shares = decodeUnmaskShares(round, message);
    const advert = Buffer.from(at(byName, "advert").message);
    const keys = decodeKeyAdvert(round, advert);
    const before = structuredClone({ shares, keys });
    message.fill(0, HEADER);
    advert.fill(0, HEADER);
    expect({ shares, keys }).toEqual(before);
  });

  it("[SECAGG.16] carry a transcript to an arbiter", () => {
    const transcript = decodeTranscript(round, at(byName, "transcript").message);
    if (isRejection(transcript)) throw new RangeError(transcript.rejected);
    const run = runRound(round, { silentFrom: new Map([[round.members[3] as MemberId, "masked"]]) });
    expect({ sum: recomputeSum(transcript, { verify }) }).toEqual(run.outcome);
  });
});
