import { workerReputationBps } from "@sheaf/contracts";

/** What is known of a worker when it is registered: events that went well, and badly. */
export interface Evidence {
  readonly good: number;
  readonly bad: number;
}

/** The contract takes no more of either when it registers a worker. */
const MOST = 100;
const BASIS_POINTS = 10_000;

/** Evidence, and the reputation that follows from it on chain. */
export interface KnownReputation extends Evidence {
  /** 0 to 1, in whole basis points. */
  readonly reputation: number;
}

let table: ReadonlyMap<number, KnownReputation> | undefined;

/** The nearest reputation to one from 0 to 1 that evidence can give on chain [SENSE.6], by the least of it. */
export function nearestEvidence(reputation: number): KnownReputation {
  table ??= createTable();
  const wanted = Math.round(reputation * BASIS_POINTS);
  for (let away = 0; ; away++) {
    const found = table.get(wanted - away) ?? table.get(wanted + away);
    if (found !== undefined) return found;
  }
}

/** By basis points: the least evidence that gives them. */
function createTable(): ReadonlyMap<number, KnownReputation> {
  const byBps = new Map<number, KnownReputation>();
  for (let events = 0; events <= 2 * MOST; events++) {
    for (let bad = Math.max(0, events - MOST); bad <= Math.min(MOST, events); bad++) {
      const good = events - bad;
      const bps = Number(workerReputationBps(BigInt(good), BigInt(bad)));
      if (!byBps.has(bps)) byBps.set(bps, { good, bad, reputation: bps / BASIS_POINTS });
    }
  }
  return byBps;
}
