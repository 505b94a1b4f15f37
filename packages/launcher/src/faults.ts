import { type Clock, errorMessage, type Millis, systemClock } from "@sheaf/base";
import { z } from "zod";
import type { Network } from "./network/create-network.ts";

/** One planned disturbance of a running network. */
export const faultSchema = z.strictObject({
  atMs: z.number().min(0).describe("When, in milliseconds after the load starts."),
  chain: z.string().optional().describe("Name of the chain; the network's first when left out."),
  validator: z.number().int().min(0).describe("The validator, counted from 0."),
  kind: z
    .enum(["kill", "restart", "pause", "resume"])
    .describe("`kill` ends the process at once (SIGKILL); `pause` freezes it (SIGSTOP) until `resume`."),
});

export type Fault = z.infer<typeof faultSchema>;

/** A fault that was carried out, or could not be. Times are milliseconds after the schedule began. */
export interface FaultOutcome extends Fault {
  readonly startedMs: Millis;
  /** When the process was gone, or listened again. */
  readonly endedMs: Millis;
  readonly error: string | undefined;
}

export interface FaultSchedule {
  /** Resolves when every fault that was not cancelled has been carried out. */
  readonly done: Promise<readonly FaultOutcome[]>;
  /** Drops the faults that are still to come. */
  cancel(): void;
}

/** What the schedule needs of a network. */
type FaultyNetwork = Pick<Network, "chains" | "kill" | "restart" | "pause" | "resume">;

/** Carries out each fault at its time from now. A fault that fails is an outcome, not an exception. */
export function scheduleFaults(
  network: FaultyNetwork,
  faults: readonly Fault[],
  onOutcome: (outcome: FaultOutcome) => void = () => {},
  clock: Clock = systemClock,
): FaultSchedule {
  const origin = clock.now();
  const cancels = new Set<() => void>();
  const outcomes = faults.map(
    (fault) =>
      new Promise<FaultOutcome | undefined>((resolve) => {
        const cancel = clock.schedule(fault.atMs, () => {
          cancels.delete(drop);
          const startedMs = clock.now() - origin;
          void carryOut(network, fault).then((error) => {
            const outcome = { ...fault, startedMs, endedMs: clock.now() - origin, error };
            onOutcome(outcome);
            resolve(outcome);
          });
        });
        const drop = (): void => {
          cancel();
          resolve(undefined);
        };
        cancels.add(drop);
      }),
  );
  return {
    done: Promise.all(outcomes).then((all) => all.filter((outcome) => outcome !== undefined)),
    cancel() {
      for (const cancel of cancels) cancel();
    },
  };
}

async function carryOut(
  network: FaultyNetwork,
  { kind, chain, validator }: Fault,
): Promise<string | undefined> {
  try {
    await network[kind](chain ?? network.chains[0]?.name ?? "", validator);
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}
