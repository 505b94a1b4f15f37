import type { Hex } from "@sheaf/base";
import type { Address } from "@sheaf/protocol";
import type { PoolRefusal } from "../../src/ports.ts";

export interface ModelTransaction {
  readonly hash: Hex;
  readonly sender: Address;
  readonly nonce: number;
  readonly feeCap: number;
  readonly tip: number;
  readonly gas: number;
  readonly value: number;
  readonly bytes: number;
}

interface Pooled extends ModelTransaction {
  readonly arrival: number;
}

export interface ModelLimits {
  readonly maxTransactions: number;
  readonly maxBytes: number;
  readonly maxPerSender: number;
  readonly replacementPercent: number;
  readonly baseFee: number;
}

/**
 * The rules of specs/mempool.md written down without a thought for speed: one list that is searched
 * and sorted anew each time. What of the rules of a full pool came up is noted in `met`.
 */
export function createPoolModel(limits: ModelLimits, met: Set<string>) {
  const accounts = new Map<Address, { nonce: number; balance: number }>();
  let pool: Pooled[] = [];
  let arrivals = 0;

  const account = (sender: Address) => accounts.get(sender) ?? { nonce: 0, balance: 0 };
  const lane = (sender: Address) =>
    pool.filter((each) => each.sender === sender).sort((a, b) => a.nonce - b.nonce);
  const price = (each: ModelTransaction) => Math.min(each.feeCap, limits.baseFee + each.tip);
  const cost = (each: ModelTransaction) => each.value + each.gas * each.feeCap;
  const sum = (all: readonly ModelTransaction[]) => all.reduce((total, each) => total + cost(each), 0);
  const pendingOf = (sender: Address) => {
    const start = account(sender).nonce;
    return lane(sender).filter((each, index) => each.nonce === start + index);
  };
  const isPending = (each: Pooled) => pendingOf(each.sender).includes(each);
  const remove = (gone: Pooled) => {
    pool = pool.filter((each) => each !== gone);
  };

  function tails(): Pooled[] {
    const senders = [...new Set(pool.map((each) => each.sender))];
    return senders
      .map((sender) => lane(sender).at(-1) as Pooled)
      .sort(
        (a, b) =>
          Number(isPending(a)) - Number(isPending(b)) ||
          price(a) - price(b) ||
          lane(b.sender).length - lane(a.sender).length ||
          b.arrival - a.arrival,
      );
  }

  const bytes = () => pool.reduce((total, each) => total + each.bytes, 0);

  /** Evicts until `offer` fits; the pool is as it was if that cannot be [POOL.6]. */
  function makeRoom(offer: ModelTransaction, held: Pooled | undefined): boolean {
    const before = pool;
    const grows = offer.bytes - (held?.bytes ?? 0);
    while (
      (held === undefined && pool.length >= limits.maxTransactions) ||
      bytes() + grows > limits.maxBytes
    ) {
      const victim = victimFor(offer, held);
      if (victim === undefined) {
        if (pool !== before) met.add("eviction-undone");
        pool = before;
        return false;
      }
      remove(victim);
    }
    if (before.length - pool.length > 1) met.add("several-evicted");
    return true;
  }

  /** The one that makes room in a full pool for `offer` [POOL.6]. */
  function victimFor(offer: ModelTransaction, held: Pooled | undefined): Pooled | undefined {
    const own = lane(offer.sender).at(-1);
    const first = tails()[0];
    const ownGivesWay = own !== undefined && own.nonce > offer.nonce;
    if (first === undefined || first === own) return ownGivesWay ? own : undefined;
    const offerPending = held
      ? isPending(held)
      : offer.nonce === account(offer.sender).nonce + pendingOf(offer.sender).length;
    const longer = lane(first.sender).length > lane(offer.sender).length + 1;
    const cheaper = price(first) < price(offer) || (price(first) === price(offer) && longer);
    const givesWay = isPending(first) === offerPending ? cheaper : offerPending;
    if (givesWay) return first;
    return ownGivesWay ? own : undefined;
  }

  /** Why the pool refuses `offer`; if it does not, there is room for it now. */
  function refusal(offer: ModelTransaction): PoolRefusal | undefined {
    if (pool.some((each) => each.hash === offer.hash)) return "already-known";
    if (offer.feeCap < limits.baseFee) return "fee-cap-below-base-fee";
    const { nonce, balance } = account(offer.sender);
    if (offer.nonce < nonce) return "nonce-too-low";
    if (offer.nonce >= nonce + limits.maxPerSender) {
      return pendingOf(offer.sender).length === limits.maxPerSender ? "sender-full" : "nonce-too-high";
    }
    const held = lane(offer.sender).find((each) => each.nonce === offer.nonce);
    const factor = (100 + limits.replacementPercent) / 100;
    const rises = (from: number, to: number) => to > from && to >= from * factor;
    if (held !== undefined && !(rises(held.feeCap, offer.feeCap) && rises(held.tip, offer.tip))) {
      return "replacement-underpriced";
    }
    if (sum(lane(offer.sender)) - (held ? cost(held) : 0) + cost(offer) > balance)
      return "insufficient-funds";
    return makeRoom(offer, held) ? undefined : "pool-full";
  }

  return {
    account,
    setAccount: (sender: Address, value: { nonce: number; balance: number }) =>
      void accounts.set(sender, value),
    add(offer: ModelTransaction): PoolRefusal | "admitted" {
      const refused = refusal(offer);
      if (refused !== undefined) return refused;
      const held = lane(offer.sender).find((each) => each.nonce === offer.nonce);
      if (held !== undefined) remove(held);
      pool.push({ ...offer, arrival: arrivals++ });
      return "admitted";
    },
    /** Accounts were changed by a block with transactions of these senders. */
    committed(senders: readonly Address[]): void {
      for (const sender of senders) {
        pool = pool.filter((each) => each.sender !== sender || each.nonce >= account(sender).nonce);
        while (sum(lane(sender)) > account(sender).balance) remove(lane(sender).at(-1) as Pooled);
      }
    },
    select(room: { readonly transactions: number; readonly gas: number; readonly bytes: number }): Hex[] {
      const queues = new Map(
        [...new Set(pool.map((each) => each.sender))].map((each) => [each, pendingOf(each)]),
      );
      const selected: Pooled[] = [];
      let [gas, bytes] = [room.gas, room.bytes];
      while (selected.length < room.transactions) {
        const best = [...queues.values()]
          .flatMap((queue) => queue.slice(0, 1))
          .sort((a, b) => price(b) - price(a) || a.arrival - b.arrival)[0];
        if (best === undefined) break;
        if (best.gas > gas || best.bytes > bytes) {
          queues.delete(best.sender);
          continue;
        }
        gas -= best.gas;
        bytes -= best.bytes;
        selected.push(best);
        queues.get(best.sender)?.shift();
      }
      return selected.map((each) => each.hash);
    },
    lanes: () =>
      new Map(
        [...new Set(pool.map((each) => each.sender))].map((sender) => [
          sender,
          { pending: pendingOf(sender).length, hashes: lane(sender).map((each) => each.hash) },
        ]),
      ),
    get bytes(): number {
      return bytes();
    },
    get hashes(): Hex[] {
      return pool.map((each) => each.hash);
    },
    pendingNonce: (sender: Address) => account(sender).nonce + pendingOf(sender).length,
  };
}
