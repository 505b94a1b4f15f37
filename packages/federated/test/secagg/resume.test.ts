import { describe, expect, it } from "vitest";
import {
  createSecaggServer,
  type MemberId,
  type SecaggPending,
  type SecaggRound,
  type SecaggServer,
} from "../../src/index.ts";
import { addresses, at, expectDone, graphSeed, makeRound, type Run, runRound, verify } from "./driver.ts";

const stranger = addresses(200).at(-1) as MemberId;
const [SHARING, MASKING] = [1, 2];

/** A round in which one member drops out before its shares and one before its input, and what its server may go on from. */
function opened(round: SecaggRound): { readonly run: Run; readonly pending: SecaggPending } {
  const [first, second] = [at0(round, SHARING), at0(round, MASKING)];
  const run = runRound(round, {
    silentFrom: new Map([[first, "shares"] as const, [second, "masked"] as const]),
  });
  const pending = run.server.pending();
  if (pending === undefined) throw new TypeError("nothing is pending");
  return { run, pending };
}

const at0 = (round: SecaggRound, place: number): MemberId => round.members[place] as MemberId;

/** Another server with the keys of the same round. */
function successor(round: SecaggRound, { adverts }: Run): SecaggServer {
  const server = createSecaggServer(round, { verify });
  expectDone(server.adverts(adverts, graphSeed));
  return server;
}

describe("a server that goes on where another one asked for the secrets [SECAGG.18]", () => {
  const rounds = [makeRound(9), makeRound(14, { neighbours: 6, fraction: 0.6 })];

  it.each(rounds)("opens the same sum with the members' answers, given once more", (round) => {
    const { run, pending } = opened(round);
    const server = successor(round, run);
    expect(server.pending()).toBeUndefined();
    expect(server.resume(pending)).toEqual({ accepted: true });
    expect(server.pending()).toEqual(pending);
    expect(server.sum()).toMatchObject({ aborted: "TOO_FEW" });
    for (const member of run.survivors) {
      const { shares } = expectDone(at(run.members, member).unmask(pending.confirmations));
      expectDone(server.unmask(member, shares));
    }
    expect(run.outcome).toHaveProperty("sum");
    expect(server.sum()).toMatchObject(run.outcome);
    expect(server.transcript()).toEqual(run.server.transcript());
  });

  it("believes nothing that members could not have sent, and is then as it was", () => {
    const [round] = rounds as [SecaggRound];
    const { run, pending } = opened(round);
    const server = successor(round, run);
    const { sharers, masked, confirmations } = pending;
    const [someone, words] = [...masked][0] as [MemberId, Uint32Array];
    const without = <V>(map: ReadonlyMap<MemberId, V>, ...gone: readonly MemberId[]): Map<MemberId, V> =>
      new Map([...map].filter(([member]) => !gone.includes(member)));
    const refused: readonly (readonly [string, Partial<SecaggPending>])[] = [
      ["UNKNOWN_MEMBER", { sharers: [...sharers, stranger] }],
      ["TOO_FEW", { sharers: sharers.slice(0, 2), masked: new Map(), confirmations: new Map() }],
      ["UNKNOWN_MEMBER", { masked: new Map([...masked, [at0(round, SHARING), words]]) }],
      ["WRONG_DIMENSION", { masked: new Map([...masked, [someone, words.slice(1)]]) }],
      ["TOO_FEW", { masked: new Map([...masked].slice(0, 3)), confirmations: new Map() }],
      // Another survivor set than the one that was signed.
      ["UNKNOWN_MEMBER", { masked: without(masked, someone) }],
      ["BAD_SIGNATURE", { masked: without(masked, someone), confirmations: without(confirmations, someone) }],
      ["BAD_SIGNATURE", { confirmations: new Map([...confirmations, [someone, new Uint8Array(32)]]) }],
      ["TOO_FEW", { confirmations: new Map([...confirmations].slice(0, 2)) }],
    ];
    for (const [code, change] of refused) {
      expect([change, server.resume({ ...pending, ...change })]).toMatchObject([{}, { rejected: code }]);
    }
    expect(server.resume(pending)).toEqual({ accepted: true });
    expect(server.resume(pending)).toEqual({ rejected: "OUT_OF_ORDER" });
    expect(createSecaggServer(round, { verify }).resume(pending)).toEqual({ rejected: "OUT_OF_ORDER" });
  });
});
