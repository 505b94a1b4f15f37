import { bytesToHex, type Hex, utf8 } from "@sheaf/base";
import { keccak256 } from "@sheaf/protocol";
import type { BlockRef } from "../../../src/agents/ports.ts";
import type { Address, ChainEvent, EventPlace, LicenceRole, MarketCall } from "../../../src/chain/types.ts";

type Body<E = ChainEvent> = E extends ChainEvent ? Omit<E, keyof EventPlace> : never;

interface Job {
  readonly consumer: Address;
  readonly price: bigint;
  analyst: Address | undefined;
  fee: bigint;
  attempt: number;
  closed: number;
}

/** What a transaction leads to: events, or the name of an error. */
export type Outcome = readonly Body[] | { readonly error: string };

/**
 * Turns transactions into the events of the market, with just enough rules for the order of rounds. The real
 * contracts are in the simulation's tests; here the agents are looked at, and the chain is what a test makes it.
 */
export function createToyMarket() {
  const jobs = new Map<bigint, Job>();
  let ratings = 0n;

  function perform(from: Address, call: MarketCall): Outcome {
    if (call.method === "request") {
      const job = BigInt(jobs.size + 1);
      const { spec, terms, price } = call;
      jobs.set(job, { consumer: from, price, analyst: undefined, fee: 0n, attempt: 0, closed: 0 });
      return [{ job, event: "requested", consumer: from, price, spec, terms }];
    }
    if (call.method === "withdraw") return [{ job: 0n, event: "withdrawn", account: from, amount: 1n }];
    const job = jobs.get(call.job);
    return job === undefined ? { error: "NO_SUCH_JOB" } : onJob(job, from, call);
  }

  function onJob(
    entry: Job,
    from: Address,
    call: Exclude<MarketCall, { method: "request" | "withdraw" }>,
  ): Outcome {
    const { job } = call;
    switch (call.method) {
      case "offer":
        return [{ job, event: "offered", analyst: from, fee: call.fee }];
      case "award":
        entry.analyst = call.analyst;
        return [{ job, event: "awarded", analyst: call.analyst, fee: entry.fee }];
      case "invite":
        return [{ job, event: "invited", owners: call.owners }];
      case "join":
        return [{ job, event: "joined", owner: from }];
      case "decline":
        return [{ job, event: "declined", owner: from }];
      case "select":
        return [{ job, event: "selected", owners: call.owners }];
      case "openRound": {
        if (from !== entry.analyst) return { error: "NOT_ANALYST" };
        if (call.round !== entry.closed + 1) return { error: "WRONG_ROUND" };
        entry.attempt += 1;
        const { method: _, ...rest } = call;
        return [{ event: "roundOpened", attempt: entry.attempt, ...rest }];
      }
      case "closeRound": {
        if (from !== entry.analyst) return { error: "NOT_ANALYST" };
        if (call.round !== entry.closed + 1 || entry.attempt === 0) return { error: "WRONG_ROUND" };
        entry.closed += 1;
        entry.attempt = 0;
        const { method: _, ...rest } = call;
        return [{ event: "roundClosed", ...rest }];
      }
      case "takeOver": {
        const previous = entry.analyst ?? from;
        entry.analyst = from;
        return [{ job, event: "tookOver", analyst: from, previous }];
      }
      case "abandon":
        return [{ job, event: "abandoned", analyst: from }];
      case "leave":
        return [{ job, event: "left", owner: from }];
      case "deliver":
        return [{ job, event: "delivered", stateHash: call.stateHash, weights: call.weights }];
      case "dispute":
        return [
          {
            job,
            event: "disputed",
            by: from,
            round: call.round,
            accused: entry.analyst ?? from,
            arbiters: 1,
          },
        ];
      case "settle":
      case "accept":
        return [{ job, event: "settled", outcome: "full" }];
      case "rate": {
        const { method: _, ...rest } = call;
        ratings += 1n;
        return [{ event: "rated", index: ratings, rater: from, ...rest }];
      }
      default:
        return { error: "NOT_PLAYED" };
    }
  }

  return { perform };
}

/** A block with the events, each in its place. */
export function blockOf(
  number: number,
  timestampMs: number,
  bodies: readonly Body[],
): { block: BlockRef; events: ChainEvent[] } {
  const hash = hashOf(`block ${number}`);
  const events = bodies.map((body, logIndex) => {
    const place = { blockNumber: number, blockHash: hash, transactionHash: hashOf(`tx ${number}`), logIndex };
    return { ...body, ...place } as ChainEvent;
  });
  return { block: { number, hash, timestampMs }, events };
}

export function issued(role: LicenceRole, subject: Address): Body {
  return { job: 0n, event: "issued", subject, role, note: hashOf("note") };
}

export function hashOf(text: string): Hex {
  return bytesToHex(keccak256(utf8(text)));
}

export type EventBody = Body;
