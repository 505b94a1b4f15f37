import type { Clock, Millis } from "@sheaf/base";
import type { NonceRepair } from "@sheaf/measure";
import { type Plan, rowOfLane } from "../plan.ts";
import type { ChainSender } from "./chain-sender.ts";
import type { LaneProgress } from "./lane-progress.ts";

const checkMs: Millis = 500;
const longestWait = 16;

/** Finds lanes that stand still while their chain goes on, and sends the missing transaction again. */
export interface LaneRepair {
  /** A block of the chain was seen. */
  blockSeen(): void;
  stop(): void;
}

export interface LaneRepairOptions {
  readonly chain: number;
  readonly plan: Plan;
  readonly baseNonces: Uint32Array;
  readonly sender: ChainSender;
  readonly progress: LaneProgress;
  readonly clock: Clock;
  readonly originMs: Millis;
  /** A lane that makes no progress for so long, and over so many blocks, is looked at. */
  readonly stallMs: Millis;
  readonly stallBlocks: number;
  readonly onRepair: (repair: NonceRepair) => void;
}

interface Mark {
  consumed: number;
  ms: Millis;
  blocks: number;
  attempts: number;
}

/**
 * Watches all lanes of a chain. The oldest missing transaction of a lane that stands still is sent
 * again, to its entry point first and to the next validator at each further try. A validator that
 * has it says "already known" and nothing was lost: the wait doubles. One that takes it as new had
 * lost it, so the rest of the lane is sent again too, and the repair is reported.
 */
export function createLaneRepair(options: LaneRepairOptions): LaneRepair {
  const { chain, plan, baseNonces, sender, progress, clock, originMs, stallMs, stallBlocks, onRepair } =
    options;
  const marks = new Map<number, Mark>();
  const firstLane = chain * plan.accounts;
  let blocks = 0;
  let stopped = false;

  function check(): void {
    if (stopped) return;
    const now = clock.now();
    for (let lane = firstLane; lane < firstLane + plan.accounts; lane++) checkLane(lane, now);
    sender.flush();
    clock.schedule(checkMs, check);
  }

  function checkLane(lane: number, now: Millis): void {
    const consumed = progress.consumed(lane);
    if (sender.handedOver(lane) <= consumed || sender.isHeld(lane)) {
      marks.delete(lane);
      return;
    }
    const mark = marks.get(lane);
    if (mark === undefined || mark.consumed !== consumed) {
      marks.set(lane, { consumed, ms: now, blocks, attempts: 0 });
      return;
    }
    const wait = Math.min(longestWait, 2 ** mark.attempts);
    if (now - mark.ms < stallMs * wait || blocks - mark.blocks < stallBlocks * wait) return;
    const row = rowOfLane(plan, lane, consumed);
    if (row === undefined) return;
    const offset = mark.attempts++;
    mark.ms = now;
    mark.blocks = blocks;
    sender.resend(row, offset, (answer) => {
      if (answer === "new" && !stopped) repair(lane, consumed, offset);
    });
  }

  function repair(lane: number, from: number, offset: number): void {
    const end = sender.handedOver(lane);
    for (let sequence = from + 1; sequence < end; sequence++) {
      const row = rowOfLane(plan, lane, sequence);
      if (row !== undefined) sender.resend(row, offset, () => {});
    }
    onRepair({
      timeMs: clock.now() - originMs,
      chain,
      sender: lane - firstLane,
      nonce: (baseNonces[lane] as number) + from,
      resent: end - from,
    });
  }

  clock.schedule(checkMs, check);
  return {
    blockSeen() {
      blocks++;
    },
    stop() {
      stopped = true;
    },
  };
}
