import type { Millis, Random } from "@sheaf/base";
import type { Packet } from "./network.ts";
import type { Profile } from "./profile.ts";

/** Whether a packet is lost, at times that never go back. */
export interface Weather {
  loses(from: number, to: number, packet: Packet, nowMs: Millis): boolean;
}

interface Period {
  readonly endMs: Millis;
  /** Likelihood of loss by kind of packet, then by receiver. */
  readonly loss: ReadonlyMap<string, readonly number[]>;
  /** A factor for each link. */
  readonly quality: readonly number[];
}

const KINDS = ["pre-prepare", "prepare", "commit", "round-change"] as const;

/**
 * Loss that comes in periods. In each, a kind of message may be struck: then most validators hear
 * next to none of it and a few hear all, so that these decide and leave the others to argue.
 */
export function createWeather(profile: Profile, random: Random): Weather {
  const { validators, usualLoss, blocksPass, meanWeatherMs } = profile;
  let period = draw(0);

  function draw(nowMs: Millis): Period {
    const even = (likelihood: number): number[] => Array.from({ length: validators }, () => likelihood);
    const loss = new Map<string, readonly number[]>([["blocks", even(blocksPass ? usualLoss : 1)]]);
    for (const kind of KINDS) {
      const struck = random.chance(profile.struck[kind]);
      const lucky = 1.5 / validators;
      loss.set(kind, struck ? even(0).map(() => (random.chance(lucky) ? 0 : 1)) : even(usualLoss));
    }
    const quality = Array.from({ length: validators ** 2 }, () => 0.7 + random.float());
    return { endMs: nowMs + random.exponential(meanWeatherMs), loss, quality };
  }

  return {
    loses(from, to, packet, nowMs) {
      if (nowMs >= period.endMs) period = draw(nowMs);
      const kind = packet.type === "message" ? packet.message.type : "blocks";
      const likelihood = period.loss.get(kind)?.[to] ?? 0;
      return likelihood === 1 || random.chance(likelihood * (period.quality[from * validators + to] ?? 1));
    },
  };
}
