import { coalitionDomain, consentTypes } from "@sheaf/contracts";
import { plural } from "@sheaf/reports";
import { Wallet } from "ethers";
import { bondFundsWei, COALITIONS_ADDRESS } from "./coalition-topology.ts";
import type { CoalitionsClient } from "./coalitions-client.ts";
import type { ChainStage } from "./drive-epochs.ts";
import type { MinerAccount } from "./participants.ts";

/** Most miners or workers of one call: some eight million gas. */
const BATCH = 100;

/** [COALITION.2] [SENSE.1] The authority registers all miners and workers, and gives miners coins for bonds. */
export async function registerAll({ participants, clients, spec, progress }: ChainStage): Promise<void> {
  const { miners, workers, authority } = participants;
  const picked = new Set(miners.flatMap((miner) => miner.workers));
  const wanted = workers.filter(({ invents }, index) => invents || picked.has(index));
  const phase = progress.phase("registering miners and workers", miners.length + wanted.length);
  const client = clients[0] as CoalitionsClient;
  let done = 0;
  const register = async (method: string, items: readonly unknown[]): Promise<void> => {
    await client.send(authority, method, [items]);
    done += items.length;
    phase.update(done);
  };
  const addresses = miners.map(({ address }) => address);
  const known = wanted.map(({ address, evidence }) => [address, evidence.good, evidence.bad]);
  await Promise.all([
    ...batches(addresses).map((batch) => register("registerMiners", batch)),
    ...batches(known).map((batch) => register("registerWorkers", batch)),
    ...(spec.bondWei === "0"
      ? []
      : addresses.map((address) => client.pay(authority, address, bondFundsWei(spec)))),
  ]);
  phase.finish(`${plural(miners.length, "miner")}, ${plural(wanted.length, "worker")}`);
}

function batches<T>(items: readonly T[]): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / BATCH) }, (_, i) =>
    items.slice(i * BATCH, (i + 1) * BATCH),
  );
}

/** [COALITION.4] Each coalition of the game is formed with the consent of its members, in this epoch for the next. */
export async function formOnChain(stage: ChainStage, epoch: number): Promise<void> {
  const { partition, participants, progress } = stage;
  const several = partition.filter((members) => members.length > 1);
  const phase = progress.phase("forming coalitions on chain", several.length);
  await Promise.all(
    several.map((members) =>
      form(
        stage,
        epoch,
        members.map((member) => participants.miners[member] as MinerAccount),
      ),
    ),
  );
  phase.finish(`${several.length} of several members, from epoch ${epoch + 1} on`);
}

async function form(
  { clients, chainId }: ChainStage,
  epoch: number,
  members: readonly MinerAccount[],
): Promise<void> {
  const [first] = members;
  if (first === undefined) return;
  const client = clients[first.index] as CoalitionsClient;
  const addresses = members.map(({ address }) => address);
  const domain = coalitionDomain(chainId, COALITIONS_ADDRESS);
  const types = { Consent: [...consentTypes.Consent] };
  const signatures = await Promise.all(
    members.map(async ({ key, address }) => {
      const [{ nonce }] = (await client.read("miner", [address])) as unknown as [{ readonly nonce: bigint }];
      return new Wallet(key).signTypedData(domain, types, { members: addresses, epoch, nonce });
    }),
  );
  await client.send(first, "form", [addresses, signatures]);
}
