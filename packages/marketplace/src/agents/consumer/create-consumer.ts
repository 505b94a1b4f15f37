import { dueEarly } from "../early.ts";
import type { Agent, AgentInput, AgentOutput, AgentPorts } from "../ports.ts";
import { also, andThen, stay, type Turn } from "../turn.ts";
import { foldBlock } from "../view/fold-events.ts";
import { isOver } from "../view/market-view.ts";
import { attend } from "./attend.ts";
import { ownJobs } from "./match-orders.ts";
import { onDone, onFailed } from "./on-effect.ts";
import { onMessage } from "./on-message.ts";
import { type Attention, CONSUMER_DEFAULTS, type ConsumerOptions } from "./options.ts";
import { modelKey, restore, saveBegun } from "./saved.ts";
import { type ConsumerState, initialState } from "./state.ts";

type Consumer = Turn<ConsumerState>;
type ChainInput = Extract<AgentInput, { readonly type: "chain" }>;

/**
 * The data consumer: requests a model for each order, awards, receives, judges, accepts or disputes, and leads
 * every job of its own to an end, several at once. The rules are in specs/consumer.md.
 */
export function createConsumer(
  options: Pick<ConsumerOptions, "orders"> & Partial<ConsumerOptions>,
  ports: AgentPorts,
): Agent<ConsumerState> {
  const all: ConsumerOptions = { ...CONSUMER_DEFAULTS, ...options };
  return {
    start: initialState(all.orders.length),
    step(state, input) {
      const { nowMs } = input;
      const attention: Attention = { options: all, ports, nowMs };
      return andThen(react(attention, state, input), (next) => attend(attention, next));
    },
  };
}

function react(attention: Attention, state: ConsumerState, input: AgentInput): Consumer {
  const { options, ports } = attention;
  switch (input.type) {
    case "start":
      return stay(restore(initialState(options.orders.length), input.saved));
    case "chain":
      return onBlock(attention, state, input);
    case "message":
      return onMessage(attention, state, input.message);
    case "timeout":
      return stay({ ...state, wakeMs: undefined });
    case "done":
      return onDone(ports, state, input.effect, input.result);
    case "failed":
      return onFailed(options, state, input);
  }
}

function onBlock(attention: Attention, state: ConsumerState, { block, events, live }: ChainInput): Consumer {
  const { ports } = attention;
  const view = foldBlock(state.view, block, events);
  const efforts = [...state.efforts].filter(
    ([, effort]) => effort.at !== "mined" || effort.blockNumber > block.number,
  );
  const next = {
    ...state,
    view,
    efforts: efforts.length === state.efforts.size ? state.efforts : new Map(efforts),
  };
  if (!live) return stay(next);
  const early = dueEarly(next.early, attention.nowMs);
  const turn = also(stay({ ...next, live: true, early: [] }), ...payments(ports, events));
  const awake = state.live ? turn : andThen(turn, (waking) => awaken(ports, waking));
  return early.reduce((done, message) => andThen(done, (at) => onMessage(attention, at, message)), awake);
}

/** At the end of the replay: where the orders begin, and the models that were held [CONSUMER.2] [CONSUMER.11]. */
function awaken({ self }: AgentPorts, state: ConsumerState): Consumer {
  const loads = ownJobs(state.view, self)
    .filter((job) => !isOver(job) && state.jobs.get(job.job)?.heldHash !== undefined)
    .filter(({ job }) => state.jobs.get(job)?.verdict === undefined)
    .map(
      ({ job }): AgentOutput => ({
        type: "compute",
        id: `load/${job}`,
        work: { kind: "load", key: modelKey(job) },
      }),
    );
  if (state.begun !== undefined) return [state, loads];
  const begun = [...state.view.jobs.keys()].reduce((most, job) => (job > most ? job : most), 0n);
  return [{ ...state, begun }, [saveBegun(begun), ...loads]];
}

function payments({ self }: AgentPorts, events: ChainInput["events"]): AgentOutput[] {
  return events.flatMap((event) =>
    event.event === "credited" && event.account === self
      ? [{ type: "record", event: { kind: "paid", job: event.job, amountWei: event.amount } } as const]
      : [],
  );
}
