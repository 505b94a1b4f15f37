import type { Millis } from "@sheaf/base";

/** A block of one chain and the validators that have shown it. Times are on the driver's clock. */
export interface SeenBlock {
  readonly number: number;
  /** By validator; `null` where it was not seen, or only when nobody waited for it any more. */
  readonly seenMs: (Millis | null)[];
  readonly firstMs: Millis;
  quorumMs: Millis | null;
  /** When a quorum and every required validator had shown it. */
  allMs: Millis | null;
}

/**
 * Which validators have shown which blocks of one chain [LATENCY.2].
 *
 * The threshold "all" asks for every validator of the chain but those that are declared down. A
 * validator that goes down is no longer waited for; one that comes back is required again for blocks
 * that first appear after it has caught up with the chain's head.
 */
export interface BlockBoard {
  /** A validator showed head `number`: it has all blocks up to that one. */
  headSeen(validator: number, number: number, ms: Millis): void;
  down(validator: number, ms: Millis): void;
  up(validator: number): void;
  /** Highest block that any validator has shown. */
  readonly head: number;
  /** Highest block that a validator has shown. */
  headOf(validator: number): number;
  /** Blocks that some required validator has not shown. */
  readonly waiting: ReadonlyMap<number, SeenBlock>;
}

export interface BlockBoardEvents {
  /** The first validator showed a block. */
  first(block: SeenBlock, validator: number): void;
  quorum(block: SeenBlock): void;
  all(block: SeenBlock): void;
}

type Presence = "up" | "down" | "returning";

/** A board for blocks after `base`, the highest that is not of interest. */
export function createBlockBoard(
  options: { readonly validators: number; readonly quorum: number; readonly base: number },
  events: BlockBoardEvents,
): BlockBoard {
  const { validators, quorum, base } = options;
  const presence: Presence[] = new Array<Presence>(validators).fill("up");
  const heads = new Array<number>(validators).fill(base);
  /** Required validators that have not shown a block yet. */
  const missing = new Map<SeenBlock, Set<number>>();
  const waiting = new Map<number, SeenBlock>();
  let head = base;

  function show(validator: number, number: number, ms: Millis): void {
    let block = waiting.get(number);
    if (block === undefined) {
      if (number <= head) return;
      block = { number, seenMs: heads.map(() => null), firstMs: ms, quorumMs: null, allMs: null };
      head = number;
      waiting.set(number, block);
      missing.set(block, new Set(presence.flatMap((state, each) => (state === "up" ? [each] : []))));
      block.seenMs[validator] = ms;
      events.first(block, validator);
    }
    block.seenMs[validator] = ms;
    missing.get(block)?.delete(validator);
    evaluate(block, ms);
  }

  function evaluate(block: SeenBlock, ms: Millis): void {
    const seen = block.seenMs.filter((time) => time !== null).length;
    if (block.quorumMs === null && seen >= quorum) {
      block.quorumMs = ms;
      events.quorum(block);
    }
    if (block.quorumMs === null || missing.get(block)?.size !== 0) return;
    block.allMs = ms;
    waiting.delete(block.number);
    missing.delete(block);
    events.all(block);
  }

  return {
    headSeen(validator, number, ms) {
      const from = (heads[validator] as number) + 1;
      if (number < from) return;
      heads[validator] = number;
      for (let each = from; each <= number; each++) show(validator, each, ms);
      if (presence[validator] === "returning" && number >= head) presence[validator] = "up";
    },
    down(validator, ms) {
      presence[validator] = "down";
      for (const block of [...waiting.values()]) {
        missing.get(block)?.delete(validator);
        evaluate(block, ms);
      }
    },
    up(validator) {
      if (presence[validator] === "down") presence[validator] = "returning";
    },
    get head() {
      return head;
    },
    headOf: (validator) => heads[validator] as number,
    waiting,
  };
}
