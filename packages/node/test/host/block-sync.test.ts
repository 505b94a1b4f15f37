import { createVirtualClock } from "@sheaf/base";
import { type CertifiedBlock, decodeBlock, encodeBlock, type WireMessage } from "@sheaf/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { certificateToBytes, parseCertificate } from "../../src/commit-certificate.ts";
import { buildBlock } from "../../src/host/build-block.ts";
import { createBlockServer } from "../../src/host/serve-blocks.ts";
import type { ChainStore, PeerNetwork } from "../../src/ports.ts";
import { expectAgreement } from "../support/agreement.ts";
import { makeNetwork, type TestNetwork, transfer } from "../support/make-network.ts";
import { createVirtualNetwork, type VirtualNetwork } from "../support/virtual-network.ts";

let test: TestNetwork;
let net: VirtualNetwork;

beforeEach(async () => {
  test = await makeNetwork({ consensus: { emptyBlockPeriodMs: 300 } });
  net = createVirtualNetwork(test, "sync");
});
afterEach(async () => {
  await net.close();
  test.remove();
});

const addressOf = (index: number) => test.validators[index]?.address ?? "0x";
const storeOf = (index: number): ChainStore => net.running.get(index)?.store as ChainStore;
const heightOf = (index: number): number => storeOf(index).head.block.header.number;

/** Validators 0, 1 and 2 make `height` blocks, one with transactions in every five. */
async function makeChain(height: number): Promise<void> {
  for (const index of [0, 1, 2]) await net.start(index);
  for (let nonce = 0; heightOf(0) < height; nonce++) {
    net.running.get(0)?.mempool.add(test.accounts.map((account) => transfer(test.genesis, account, nonce)));
    await net.runUntil(() => heightOf(0) >= Math.min(height, nonce * 5), 60_000);
  }
}

function certified(store: ChainStore, from: number, count: number): CertifiedBlock[] {
  return Array.from({ length: count }, (_, offset) => {
    const stored = store.block(from + offset);
    if (stored === undefined) return [];
    return [{ block: encodeBlock(stored.block), certificate: stored.certificate }];
  }).flat();
}

describe("block sync", () => {
  it("fetches in batches and joins consensus [FETCH.1] [FETCH.2]", async () => {
    await makeChain(150);
    const late = await net.start(3);
    expect(await net.runUntil(() => heightOf(3) >= 150, 5_000)).toBe(true);
    await net.kill(0);
    const at = heightOf(1);
    expect(await net.runUntil(() => heightOf(3) >= at + 5, 60_000)).toBe(true);
    expect(late.host.status.commitTimes.length).toBe(heightOf(3));
    expectAgreement([1, 2, 3].map(storeOf));
  });

  it("reaches the head past a peer that lies: silence, nonsense, forged seals, swapped transactions [FETCH.2] [FETCH.4]", async () => {
    await makeChain(20);
    const honest = storeOf(1);
    await net.kill(2);
    const lies: ((from: number) => CertifiedBlock[] | undefined)[] = [
      () => undefined,
      () => [],
      () => [{ block: Uint8Array.of(1), certificate: Uint8Array.of(2) }],
      (from) => certified(honest, from, 8).map(({ block }) => ({ block, certificate: new Uint8Array(69) })),
      (from) =>
        certified(honest, from, 8).map((each) => ({ ...each, certificate: shortened(each.certificate) })),
      (from) => certified(honest, from + 1, 8),
      (from) =>
        certified(honest, from, 8).map((each) => ({ ...each, block: withOtherTransactions(each.block) })),
    ];
    for (const lie of lies) {
      const liar = net.mesh.join(addressOf(2));
      let asked = 0;
      await startLiar(liar, (from) => {
        asked += 1;
        return lie(from);
      });
      // At first there is nobody else to ask.
      for (const honestPeer of [0, 1]) net.mesh.cut(addressOf(3), addressOf(honestPeer), 2_000);
      const victim = await net.start(3);
      expect(await net.runUntil(() => asked > 0, 1_900)).toBe(true);
      const goal = heightOf(0);
      expect(await net.runUntil(() => heightOf(3) >= goal, 60_000)).toBe(true);
      expect(victim.failure).toBeUndefined();
      expectAgreement([0, 1, 3].map(storeOf));
      await net.kill(3);
      await liar.close();
      // The next victim starts from nothing again.
      net.forget(3);
    }
  });

  it("cuts off a peer whose block its certificate does not prove [WIRE.4] [FETCH.2]", async () => {
    await makeChain(3);
    await net.kill(2);
    const liar = net.mesh.join(addressOf(2));
    await startLiar(liar, () => undefined, 0);
    await net.run(10);
    const { head } = storeOf(0);
    const { payload } = buildBlock(head, addressOf(2), head.block.header.timestampMs + 1_000, []);
    const isCutOff = (): boolean =>
      net.running
        .get(0)
        ?.host.status.peers.some((each) => each.validator === addressOf(2) && !each.connected) === true;
    expect(isCutOff()).toBe(false);
    const certificate = certificateToBytes({ round: 0, seals: [new Uint8Array(65)] });
    liar.send(addressOf(0), { kind: "blocks", blocks: [{ block: payload, certificate }] });
    expect(await net.runUntil(isCutOff, 30)).toBe(true);
    expect(storeOf(0).head).toBe(head);
  });

  function shortened(certificate: Uint8Array): Uint8Array {
    const seals = parseCertificate(certificate);
    return certificateToBytes({ round: seals?.round ?? 0, seals: seals?.seals.slice(1) ?? [] });
  }

  function withOtherTransactions(payload: Uint8Array): Uint8Array {
    const block = decodeBlock(payload);
    if (block === undefined) return payload;
    return encodeBlock({ header: block.header, transactions: block.transactions.map((raw) => raw.slice(1)) });
  }

  /** A validator that follows the wire protocol, claims a great height, and answers as `answer` does. */
  async function startLiar(
    network: PeerNetwork,
    answer: (from: number) => CertifiedBlock[] | undefined,
    height = 1_000,
  ): Promise<void> {
    await network.start({
      height: () => height,
      onConnected: () => {},
      onMessage(from, message: WireMessage) {
        if (message.kind !== "get-blocks") return;
        const blocks = answer(message.from);
        if (blocks !== undefined) network.send(from, { kind: "blocks", blocks });
      },
    });
  }
});

describe("a block server", () => {
  it("gives as many consecutive blocks as fit, at least one, and none where there are none [FETCH.3]", async () => {
    await makeChain(12);
    const store = storeOf(0);
    const sent: WireMessage[] = [];
    const sizes = Array.from({ length: 12 }, (_, index) => {
      const stored = store.block(index + 1);
      return (stored?.sizeBytes ?? 0) + (stored?.certificate.length ?? 0);
    });
    const ask = (maxBytes: number, from: number, count: number): number => {
      const send = (_: string, message: WireMessage) => sent.push(message) > 0;
      createBlockServer(store, { send }, createVirtualClock(), maxBytes).serve("0x", from, count);
      const answer = sent.at(-1);
      if (answer?.kind !== "blocks") return -1;
      const numbers = answer.blocks.map(({ block }) => decodeBlock(block)?.header.number);
      expect(numbers).toEqual(numbers.map((_, index) => Math.max(1, from) + index));
      return numbers.length;
    };
    expect(ask(1e9, 1, 5)).toBe(5);
    expect(ask(1e9, 0, 3)).toBe(2);
    expect(ask(1, 3, 5)).toBe(1);
    expect(ask((sizes[3] ?? 0) + (sizes[4] ?? 0), 4, 9)).toBe(2);
    expect(ask(1e9, 1_000_000, 5)).toBe(0);
    expect(ask(1e9, 1, 0)).toBe(0);
    expect(ask(1e9, 1, 1e9)).toBeLessThanOrEqual(256);
  });

  it("helps a peer that is stuck at a decided height, once a second [FETCH.5]", async () => {
    await makeChain(3);
    const clock = createVirtualClock();
    const sent: WireMessage[] = [];
    const network = { send: (_: string, message: WireMessage) => sent.push(message) > 0 };
    const server = createBlockServer(storeOf(0), network, clock, 1e9);
    for (const height of [2, 2, 99, 2]) server.help("0x01", height);
    expect(sent).toHaveLength(1);
    server.help("0x02", 2);
    clock.runUntil(1_000);
    server.help("0x01", 2);
    expect(sent).toHaveLength(3);
    expect(sent[0]).toMatchObject({ kind: "blocks", blocks: certified(storeOf(0), 2, 1) });
  });
});

describe("a commit certificate", () => {
  it("survives its encoding, and nothing else is one [FETCH.2]", () => {
    const seals = [1, 2, 3].map((byte) => new Uint8Array(65).fill(byte));
    const bytes = certificateToBytes({ round: 70_000, seals });
    expect(parseCertificate(bytes)).toEqual({ round: 70_000, seals });
    for (const length of [0, 3, 4, 68, 70]) expect(parseCertificate(new Uint8Array(length))).toBeUndefined();
  });
});
