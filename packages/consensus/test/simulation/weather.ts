import type { Millis, Random } from "@sheaf/base";
import type { Packet } from "./network.ts";
import type { Profile } from "./profile.ts";

/** Whether a packet is lost, at times that never go back. */
export interface Weather {
  loses(from: number, to: number, packet: Packet, nowMs: Millis): boolean;
}

interface Period {
  readonly endMs: Millis;
  /** Likelihood of loss by kind of packet. */
  readonly loss: Readonly<Record<string, number>>;
  /** A factor for each link. */
  readonly quality: readonly number[];
}

const KINDS = ["pre-prepare", "prepare", "commit", "round-change"] as const;

/**
 * Loss that comes in periods. In each, every kind of message may be struck, so that most of it is
 * lost, and every link has its own luck: what a few see decided, the others are left to argue about.
 */
export function createWeather(profile: Profile, random: Random): Weather {
  const { validators, usualLoss, blocksPass, meanWeatherMs } = profile;
  let period = draw(0);

  function draw(nowMs: Millis): Period {
    const loss: Record<string, number> = { blocks: blocksPass ? usualLoss : 1 };
    for (const kind of KINDS) loss[kind] = random.chance(0.2) ? random.pick([0.4, 0.6, 0.8]) : usualLoss;
    const quality = Array.from({ length: validators ** 2 }, () => random.pick([0, 1, 1, 2]));
    return { endMs: nowMs + random.exponential(meanWeatherMs), loss, quality };
  }

  return {
    loses(from, to, packet, nowMs) {
      if (nowMs >= period.endMs) period = draw(nowMs);
      const likelihood = period.loss[packet.type === "message" ? packet.message.type : "blocks"] ?? 0;
      return random.chance(
        likelihood * (likelihood === 1 ? 1 : (period.quality[from * validators + to] ?? 1)),
      );
    },
  };
}
