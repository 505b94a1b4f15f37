import type { Address } from "../../src/chain/types.ts";
import { SCOPE } from "./sim-host.ts";
import type { Stage } from "./stage.ts";

const MOST_KEPT = 200;
const FIRST_MS = 4_000;
const EVERY_MS = 700;
const TIMES = 60;

/** Reads every inbox, and sends frames again: as they were, to others, and with bytes changed. */
export function eavesdrop({ broker, clock, random }: Stage, agents: readonly Address[]): void {
  const bus = broker.connect();
  const luck = random.fork("eavesdropper");
  const topics = agents.map((address) => `sheaf/1/${SCOPE}/inbox/${address}`);
  const kept: { readonly topic: string; readonly payload: Uint8Array }[] = [];
  for (const topic of topics) {
    void bus.subscribe(topic, (payload) => {
      if (kept.length < MOST_KEPT || luck.chance(0.1)) kept[luck.int(MOST_KEPT)] = { topic, payload };
    });
  }
  const replay = (left: number): void => {
    const frames = kept.filter((frame) => frame !== undefined);
    if (frames.length > 0) {
      const { topic, payload } = luck.pick(frames);
      const changed = payload.slice();
      if (luck.chance(0.5)) changed[luck.int(changed.length)] = luck.int(256);
      void bus.publish(luck.chance(0.7) ? topic : luck.pick(topics), changed).catch(() => {});
    }
    if (left > 0) clock.schedule(EVERY_MS, () => replay(left - 1));
  };
  clock.schedule(FIRST_MS, () => replay(TIMES));
}
