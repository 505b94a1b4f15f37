import { createRandom, type Millis } from "@sheaf/base";
import type { NonceRepair, Threshold } from "@sheaf/measure";
import type { RpcClient } from "@sheaf/protocol";
import type { LoadOptions } from "../load-options.ts";
import { constantArrivals, poissonArrivals } from "../schedule/arrivals.ts";
import { createOpenLoop } from "../schedule/open-loop.ts";
import type { Schedule, ScheduleSink } from "../schedule/schedule.ts";
import { createWindowed } from "../schedule/windowed.ts";
import type { LaneProgress } from "../sending/lane-progress.ts";
import type { SigningChain } from "../signing/sign-job.ts";
import type { ChainWatcher } from "../watching/chain-watcher.ts";
import { createLoadedChain, type LoadedChain } from "./loaded-chain.ts";
import type { PreparedLoad } from "./prepare-load.ts";
import type { RunContext } from "./run-context.ts";
import { createSettlement } from "./settlement.ts";

const progressMs: Millis = 200;

export interface DriveContext extends Omit<RunContext, "originMs"> {
  readonly originMs: Millis;
  readonly prepared: PreparedLoad;
  readonly progress: LaneProgress;
  readonly watchers: readonly ChainWatcher[];
  readonly onRepair: (repair: NonceRepair) => void;
  /** Called with the load before its first transaction: from then on it wants to know of blocks. */
  readonly attach: (drive: Pick<Drive, "chains">) => void;
}

/** A load under way. */
export interface Drive {
  /** By chain; idle ones have no sender at work. */
  readonly chains: readonly LoadedChain[];
  /** Resolves when everything has ended or a deadline has passed; nothing is sent after it. */
  readonly ended: Promise<{ readonly drainEndMs: Millis; readonly interrupted: boolean }>;
}

/** Starts the load at the barrier. */
export function driveLoad(options: LoadOptions, context: DriveContext): Drive {
  const { prepared, progress, watchers, clock, originMs } = context;
  const { plan, table } = prepared;
  const slotFreesAt: Threshold = options.slotFreesAt ?? "all";
  const settlement = createSettlement(plan.count, clock, (chain, freed) => schedule.settled(chain, freed));
  let lastSubmitMs = originMs;

  const schedule: Schedule = createSchedule(options, context, {
    submit(row, scheduledMs) {
      table.scheduled(row, scheduledMs - originMs);
      chains[plan.chain[row] as number]?.sender.submit(row);
    },
    flush() {
      lastSubmitMs = clock.now();
      for (const chain of chains) chain.sender.flush();
    },
  });

  const chains: readonly LoadedChain[] = watchers.map((_, chain) =>
    createLoadedChain(
      {
        ...context,
        chain,
        signing: prepared.signing[chain] as SigningChain,
        accounts: options.workload.accounts,
        index: prepared.index,
        progress,
        sendClients: context.sendClients[chain] as readonly RpcClient[],
        readClients: context.readClients[chain] as readonly RpcClient[],
      },
      {
        reached: (rows, threshold) =>
          settlement.mark(rows, chain, { freesSlot: threshold === slotFreesAt, ends: threshold === "all" }),
        rejected: (row) => settlement.mark([row], chain, { freesSlot: true, ends: true }),
        repaired: context.onRepair,
        warn: context.warn,
      },
    ),
  );

  const ended = new Promise<Awaited<Drive["ended"]>>((resolve) => {
    let reportedMs = Number.NEGATIVE_INFINITY;
    const report = (): void => {
      reportedMs = clock.now();
      context.onProgress({
        phase: schedule.finished ? "drain" : "load",
        done: settlement.ended,
        total: plan.count,
      });
    };
    const tick = (): void => {
      tellWhoIsDown(context);
      for (const chain of chains) chain.sender.flush();
      if (clock.now() - reportedMs >= progressMs) report();
      const idleSinceMs = Math.max(lastSubmitMs, settlement.lastEventMs);
      const reason = endReason(options, context, schedule, settlement.ended, idleSinceMs);
      if (reason === undefined) {
        clock.schedule(context.send.flushMs, tick);
        return;
      }
      schedule.stop();
      if (reason !== "complete" && reason !== "interrupted") context.warn("NO_PROGRESS", reason);
      for (const chain of chains) chain.close();
      report();
      resolve({ drainEndMs: clock.now() - originMs, interrupted: reason === "interrupted" });
    };
    context.attach({ chains });
    schedule.start();
    tick();
  });
  return { chains, ended };
}

function tellWhoIsDown({ watchers, sendClients, isDown }: DriveContext): void {
  watchers.forEach((watcher, chain) => {
    sendClients[chain]?.forEach((_, validator) => {
      watcher.setDown(validator, isDown(chain, validator));
    });
  });
}

/** Why the load is over, or `undefined` while it is not. */
function endReason(
  options: LoadOptions,
  { signal, prepared, watchers, deadlines, clock, originMs }: DriveContext,
  schedule: Schedule,
  ended: number,
  idleSinceMs: Millis,
): string | undefined {
  if (signal.aborted) return "interrupted";
  if (ended === prepared.plan.count && watchers.every((watcher) => watcher.unread === 0)) return "complete";
  if (!schedule.finished && options.mode.kind === "open-loop") return undefined;
  const now = clock.now();
  if (now - idleSinceMs > deadlines.drainMs) {
    return `nothing was committed for ${deadlines.drainMs / 1_000} s, so the rest counts as lost or unsent`;
  }
  if (now - originMs > deadlines.loadMs) {
    return `the load did not end within ${Math.round(deadlines.loadMs / 1_000)} s, so the rest counts as lost or unsent`;
  }
  return undefined;
}

function createSchedule(options: LoadOptions, context: DriveContext, sink: ScheduleSink): Schedule {
  const { mode } = options;
  const { clock, active, prepared, send } = context;
  const count = prepared.plan.count;
  if (mode.kind === "windowed") {
    return createWindowed(
      { window: mode.window, chains: active, chainOf: prepared.plan.chain, count, clock },
      sink,
    );
  }
  const arrivals =
    mode.arrivals === "constant"
      ? constantArrivals(mode.ratePerSecond)
      : poissonArrivals(mode.ratePerSecond, createRandom(options.seed).fork("arrivals"));
  return createOpenLoop({ count, arrivals, tickMs: send.flushMs, clock }, sink);
}
