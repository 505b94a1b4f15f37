import { invariant } from "@sheaf/base";
import type { QbftOptions, QbftPorts } from "./config.ts";
import type { Context } from "./context.ts";
import type { Input } from "./inputs.ts";
import { onBuilt } from "./on-built.ts";
import { onStart } from "./on-start.ts";
import { onTimeout } from "./on-timeout.ts";
import { onValidated } from "./on-validated.ts";
import type { Output } from "./outputs.ts";
import type { Qbft } from "./qbft.ts";
import { receive } from "./receive.ts";
import { qbftRules, type Rules } from "./rules.ts";
import { initialState, type QbftState } from "./state.ts";

/** The protocol of one validator, or of an observer. `specs/qbft.md` has its rules. */
export function createQbft(options: QbftOptions, ports: QbftPorts): Qbft {
  return createQbftWith(qbftRules, options, ports);
}

/** The same under other rules; for tests of the proof only. */
export function createQbftWith(rules: Rules, options: QbftOptions, ports: QbftPorts): Qbft {
  invariant(options.chain.length === 32, "the chain's name has 32 bytes");
  return {
    initial: initialState,
    step(state, input) {
      const outputs: Output[] = [];
      const emit = (output: Output): void => {
        outputs.push(output);
      };
      return { state: handle({ options, ports, rules, emit }, state, input), outputs };
    },
  };
}

function handle(context: Context, state: QbftState, input: Input): QbftState {
  switch (input.type) {
    case "start":
      return onStart(context, state, input);
    case "built":
      return onBuilt(context, state, input);
    case "validated":
      return onValidated(context, state, input);
    case "message":
      return receive(context, state, input);
    case "timeout":
      return onTimeout(context, state, input.height, input.round);
  }
}
