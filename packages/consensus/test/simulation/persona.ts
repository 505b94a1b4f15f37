import type { Input, Message, Output, QbftState } from "../../src/index.ts";
import { createQbftWith } from "../../src/step.ts";
import { type Means, temptingValue } from "./attacks.ts";
import { scheduleByEpoch } from "./epochs.ts";
import { TIMEOUTS, type World } from "./world.ts";

/** One copy of the protocol at one height, run by a traitor. */
export interface Persona {
  input(input: Input): void;
}

/** Begins a copy with a careless host: nothing is stored, and bad values may pass. */
export function createPersona(
  world: World,
  means: Means,
  height: number,
  say: (message: Message) => void,
): Persona {
  const { clock, profile, audit } = world;
  const { address, chain, ports, random } = means;
  const rules = profile.attacks.forgetful ? { ...world.rules, lock: () => undefined } : world.rules;
  const qbft = createQbftWith(rules, { address, chain, timeouts: TIMEOUTS }, ports);
  let state: QbftState = qbft.initial();
  let timeouts = 0;

  function input(next: Input): void {
    const step = qbft.step(state, next);
    state = step.state;
    for (const output of step.outputs) perform(output);
  }

  function perform(output: Output): void {
    switch (output.type) {
      case "broadcast":
        say(output.message);
        break;
      case "request-value": {
        const { round } = output;
        const value = temptingValue(means, height);
        clock.schedule(5 * random.float(), () => input({ type: "built", height, round, value }));
        break;
      }
      case "validate":
        input({ type: "validated", id: output.id, valid: random.chance(0.9) });
        break;
      case "schedule-timeout": {
        const { round, delayMs } = output;
        timeouts += 1;
        const mine = timeouts;
        clock.schedule(delayMs, () => {
          if (mine === timeouts) input({ type: "timeout", height, round });
        });
        break;
      }
      default:
        break;
    }
  }

  // whoever knows all decisions knows the proposers; of heights too far ahead, nobody does
  input({ type: "start", height, ...scheduleByEpoch(world, height, audit.decision) });
  return { input };
}
