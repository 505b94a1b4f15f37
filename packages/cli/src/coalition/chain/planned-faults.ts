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

/** [COALITION.5] The first miner that is to leave and will be alone by then, as far as is planned; `undefined` if none. */
export function loneLeaver(
  { faults }: ChainSpec,
  partition: readonly Coalition[],
): { readonly miner: number; readonly epoch: number } | undefined {
  const coalitions = partition.map((members) => new Set(members));
  const leaves = faults
    .map((fault, index) => ({ ...fault, miner: minerOf(fault, index, partition) }))
    .filter(({ kind }) => kind === "miner-leaves")
    .sort((a, b) => a.epoch - b.epoch);
  for (const { miner, epoch } of leaves) {
    const own = coalitions.find((members) => members.has(miner));
    if (own === undefined || own.size < 2) return { miner, epoch };
    own.delete(miner);
  }
  return undefined;
}

/** The faults with whoever they are of. */
export function planFaults(
  { faults }: ChainSpec,
  { miners, workers }: Participants,
  partition: readonly Coalition[],
): readonly PlannedFault[] {
  const accomplices = workers.filter(({ invents }) => invents).values();
  return faults.map((fault, index) => ({
    fault,
    miner: miners[minerOf(fault, index, partition)] as MinerAccount,
    accomplice: fault.kind === "miner-cheats" ? accomplices.next().value : undefined,
  }));
}

/** A fault that names no miner is of the largest coalition, where a loss is felt most; of different ones if it can. */
function minerOf({ miner }: MinerFault, index: number, partition: readonly Coalition[]): number {
  const largest = partition.reduce((most, members) => (members.length > most.length ? members : most));
  return miner ?? (largest[index % largest.length] as number);
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
