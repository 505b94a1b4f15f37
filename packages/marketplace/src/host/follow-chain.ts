import { errorCode, errorMessage } from "@sheaf/base";
import type { MarketClient } from "../chain/connect-market.ts";
import type { AgentHost } from "./agent-host.ts";
import type { EventLog } from "./event-log.ts";
import type { Log } from "./log.ts";

export interface FollowingChain {
  /** Settles when the agent has seen the newest block, and has been told that what follows is live. */
  readonly caughtUp: Promise<void>;
  stop(): Promise<void>;
}

interface FollowPorts {
  readonly fromBlock: number;
  readonly events: EventLog;
  readonly log: Log;
  readonly onFatal: (error: unknown) => void;
}

/** Gives the host the chain's history, then the newest block once more as live, without events, then all that comes. */
export function followChain(
  chain: Pick<MarketClient, "follow">,
  host: Pick<AgentHost, "block">,
  { fromBlock, events, log, onFatal }: FollowPorts,
): FollowingChain {
  let up = true;
  let live = false;
  let settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void };
  const caughtUp = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  caughtUp.catch(() => {}); // whoever waits for it is told

  const link = (nowUp: boolean): void => {
    if (nowUp !== up) events.record({ kind: "link", link: "chain", up: nowUp });
    up = nowUp;
  };

  const following = chain.follow({
    fromBlock,
    async listener(block, head) {
      link(true);
      await host.block(block, live);
      if (live || block.number < head) return;
      live = true;
      await host.block({ ...block, events: [] }, true);
      settle.resolve();
    },
    onTrouble(error) {
      link(false);
      log("warn", `the chain does not answer; trying again: ${errorMessage(error)}`, {
        code: errorCode(error),
      });
    },
  });
  following.done.catch((error: unknown) => {
    settle.reject(error);
    if (errorCode(error) !== "STOPPED") onFatal(error);
  });
  return { caughtUp, stop: () => following.stop() };
}
