import { type Fault, type FaultOutcome, type Network, scheduleFaults } from "@sheaf/launcher";
import type { Fault as FaultRecord } from "@sheaf/measure";
import type { Progress } from "../terminal/progress.ts";

/** Carries faults out from the barrier on, and knows who is down at any moment. */
export function watchFaults(network: Network, faults: readonly Fault[], progress: Progress) {
  const down = new Set<string>();
  const outcomes: FaultOutcome[] = [];
  const keyOf = (chain: string, endpoint: number): string => `${chain}/${endpoint}`;
  const controls = {
    async kill(chain: string, index: number) {
      down.add(keyOf(chain, index));
      await network.kill(chain, index);
    },
    async restart(chain: string, index: number) {
      down.add(keyOf(chain, index));
      await network.restart(chain, index);
      down.delete(keyOf(chain, index));
    },
    pause(chain: string, index: number) {
      down.add(keyOf(chain, index));
      network.pause(chain, index);
    },
    resume(chain: string, index: number) {
      network.resume(chain, index);
      down.delete(keyOf(chain, index));
    },
  };
  let schedule: ReturnType<typeof scheduleFaults> | undefined;
  return {
    isDown(chain: number, endpoint: number): boolean {
      if (down.size === 0) return false;
      const found = network.chains[chain];
      const index = found?.endpoints[endpoint]?.index;
      return found !== undefined && index !== undefined && down.has(keyOf(found.name, index));
    },
    begin() {
      schedule = scheduleFaults({ chains: network.chains, ...controls }, faults, (outcome) => {
        outcomes.push(outcome);
        const result = outcome.error === undefined ? "done" : outcome.error;
        progress.note(
          `fault: ${outcome.kind} validator ${outcome.validator} of ${chainName(network, outcome)}: ${result}`,
        );
      });
    },
    async end() {
      schedule?.cancel();
      await schedule?.done;
    },
    records: (): readonly FaultRecord[] =>
      faultRecords(
        outcomes.filter(({ error }) => error === undefined),
        network,
      ),
    /** What of the schedule did not happen: the run is not the one that was asked for. */
    problems: (): readonly string[] => [
      ...outcomes.flatMap((outcome) =>
        outcome.error === undefined ? [] : [`${describe(network, outcome)}: ${outcome.error}`],
      ),
      ...faults
        .filter((fault) => !outcomes.some((outcome) => isSame(outcome, fault)))
        .map(
          (fault) => `${describe(network, fault)} never came: the load ended before ${fault.atMs / 1000} s`,
        ),
    ],
  };
}

const isSame = (a: Fault, b: Fault): boolean =>
  a.kind === b.kind && a.atMs === b.atMs && a.chain === b.chain && a.validator === b.validator;

function describe(network: Network, fault: Fault): string {
  return `fault "${fault.kind} validator ${fault.validator} of ${chainName(network, fault)}"`;
}

/** A kill lasts to the restart of the same validator, a pause to its resumption. */
function faultRecords(outcomes: readonly FaultOutcome[], network: Network): readonly FaultRecord[] {
  const begins = outcomes.filter(({ kind }) => kind === "kill" || kind === "pause");
  return begins.map((begin) => {
    const end = outcomes.find(
      (each) =>
        (each.kind === "restart" || each.kind === "resume") &&
        chainName(network, each) === chainName(network, begin) &&
        each.validator === begin.validator &&
        each.startedMs >= begin.startedMs,
    );
    return {
      kind: begin.kind,
      startMs: begin.startedMs,
      endMs: end?.endedMs ?? null,
      chain: network.chains.findIndex(({ name }) => name === chainName(network, begin)),
      validator: begin.validator,
      description: `validator ${begin.validator} of ${chainName(network, begin)} ${begin.kind === "kill" ? "killed" : "paused"}`,
    };
  });
}

/** A fault that names no chain is one of the network's first. */
function chainName({ chains }: Network, { chain }: Fault): string {
  return chain ?? chains[0]?.name ?? "";
}
