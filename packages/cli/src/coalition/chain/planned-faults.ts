import type { Coalition } from "@sheaf/game";
import type { ChainSpec, MinerFault } from "../coalition-file.ts";
import { lower, named } from "./chain-facts.ts";
import type { ContractEvent } from "./coalitions-client.ts";
import type { MinerAccount, Participants, WorkerAccount } from "./participants.ts";

/** A fault of the experiment with the miner that it is of. */
export interface PlannedFault {
  readonly fault: MinerFault;
  readonly miner: MinerAccount;
  /** Of a cheat: the worker that signs for data that nobody has. */
  readonly accomplice: WorkerAccount | undefined;
}

/** A fault that names no miner is of the largest coalition, where a loss is felt most; of different ones if it can. */
export function planFaults(
  { faults }: ChainSpec,
  { miners, workers }: Participants,
  partition: readonly Coalition[],
): readonly PlannedFault[] {
  const largest = partition.reduce((most, members) => (members.length > most.length ? members : most));
  const accomplices = workers.filter(({ invents }) => invents).values();
  return faults.map((fault, index) => ({
    fault,
    miner: miners[fault.miner ?? (largest[index % largest.length] as number)] as MinerAccount,
    accomplice: fault.kind === "miner-cheats" ? accomplices.next().value : undefined,
  }));
}

/**
 * The faults of which the chain shows nothing: no miner left, no challenge of the cheat was upheld. A sentence each. An
 * event is of one fault.
 */
export function faultsNotSeen(
  planned: readonly PlannedFault[],
  events: readonly ContractEvent[],
): readonly string[] {
  const seen = new Set<ContractEvent>();
  const has = (name: string, role: string, { miner }: PlannedFault): boolean => {
    const own = named(events, name).find(
      (each) => !seen.has(each) && lower(each.args[role]) === miner.address,
    );
    if (own !== undefined) seen.add(own);
    return own !== undefined;
  };
  return planned
    .filter((each) =>
      each.fault.kind === "miner-leaves" ? !has("Left", "miner", each) : !has("Upheld", "accused", each),
    )
    .map(({ fault, miner }) =>
      fault.kind === "miner-leaves"
        ? `${miner.id} was to leave its coalition in epoch ${fault.epoch} and did not`
        : `${miner.id} was to cheat in epoch ${fault.epoch} and was not found out`,
    );
}
