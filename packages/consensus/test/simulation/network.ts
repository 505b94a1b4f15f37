import type { Clock, Millis, Random } from "@sheaf/base";
import { type Message, messageToBytes, parseMessage, type Value } from "../../src/index.ts";
import type { Profile } from "./profile.ts";
import { createWeather } from "./weather.ts";

/** A decided value as one node gives it to another that missed it. */
export interface Block {
  readonly height: number;
  readonly round: number;
  readonly value: Value;
  readonly seals: readonly Uint8Array[];
}

export type Packet =
  | { readonly type: "message"; readonly message: Message }
  | { readonly type: "block-request"; readonly height: number }
  | { readonly type: "blocks"; readonly blocks: readonly Block[] };

export interface Network {
  send(from: number, to: readonly number[], packet: Packet): void;
  readonly sent: number;
}

/** Delays after the network has healed are below this. */
const HEALED_DELAY_MS = 20;

/** Links that lose, repeat, delay and so reorder packets, and partitions; until the profile's heal time. */
export function createNetwork(
  profile: Profile,
  clock: Clock,
  random: Random,
  deliver: (from: number, to: number, packet: Packet) => void,
): Network {
  const { healAtMs } = profile;
  const weather = createWeather(profile, random);
  const partitions = Array.from({ length: profile.partitions }, () => createPartition(profile, random));
  let sent = 0;

  function delayMs(): Millis {
    if (clock.now() >= healAtMs) return HEALED_DELAY_MS * random.float();
    return random.exponential(profile.meanDelayMs);
  }

  function sendOne(from: number, to: number, packet: Packet): void {
    const now = clock.now();
    if (now < healAtMs) {
      if (weather.loses(from, to, packet, now)) return;
      for (const { start, end, side, oneWay } of partitions) {
        if (now < start || now >= end) continue;
        const a = side[from] as number;
        const b = side[to] as number;
        if (oneWay ? a < b : a !== b) return;
      }
      if (random.chance(profile.duplication)) clock.schedule(delayMs(), () => deliver(from, to, packet));
    }
    clock.schedule(delayMs(), () => deliver(from, to, packet));
  }

  return {
    send(from, to, packet) {
      const carried = profile.encoded ? throughCodec(packet) : packet;
      for (const each of to) {
        sent += 1;
        if (each !== from) sendOne(from, each, carried);
      }
    },
    get sent() {
      return sent;
    },
  };
}

interface Partition {
  readonly start: Millis;
  readonly end: Millis;
  /** The side each validator is on; only those on the same side hear each other. */
  readonly side: readonly number[];
  /** Whether what the higher side says still comes through. */
  readonly oneWay: boolean;
}

function createPartition({ healAtMs, validators, partitions }: Profile, random: Random): Partition {
  const start = random.float() * healAtMs;
  const sides = 2 + random.int(2);
  return {
    start,
    end: start + random.exponential(healAtMs / (1 + partitions)),
    side: Array.from({ length: validators }, () => random.int(sides)),
    oneWay: random.chance(0.3),
  };
}

function throughCodec(packet: Packet): Packet {
  if (packet.type !== "message") return packet;
  const message = parseMessage(messageToBytes(packet.message));
  return message === undefined ? packet : { type: "message", message };
}
