import { type Hex, invariant, type Millis, systemClock } from "@sheaf/base";
import {
  type ContractArtifact,
  licencesContract,
  marketContract,
  reputationContract,
} from "@sheaf/contracts";
import { Interface } from "ethers";
import { interfaces, type MarketAddresses, roleNumbers } from "./contracts.ts";
import { createPatientRpc } from "./rpc.ts";
import { createTransactor, type Transactor } from "./transactor.ts";
import type { Address, LicenceRole } from "./types.ts";

export interface AuthorityOptions {
  readonly rpcUrl: string;
  /** Private key of the consortium's authority; 32 bytes. */
  readonly authorityKey: Hex;
  /** Default 150 ms. */
  readonly pollMs?: Millis;
}

/** A market as it was deployed: what agents are told. */
export interface DeployedMarket {
  readonly addresses: MarketAddresses;
  readonly chainId: bigint;
  /** Block of the first contract: there is nothing to follow before. */
  readonly fromBlock: number;
}

/** A licence to issue. */
export interface Grant {
  readonly subject: Address;
  readonly role: LicenceRole;
  /** 32 bytes of the authority's own. */
  readonly note?: Hex;
}

const emptyNote: Hex = `0x${"00".repeat(32)}`;

/** Deploys the three contracts, with the key's account as the authority. Raises as `MarketClient.transact` does. */
export async function deployMarket(options: AuthorityOptions): Promise<DeployedMarket> {
  return withTransactor(options, async (transactor) => {
    const first = await deploy(transactor, licencesContract, [transactor.address]);
    const reputation = await deploy(transactor, reputationContract, [first.address]);
    const market = await deploy(transactor, marketContract, [first.address, reputation.address]);
    const data = interfaces.reputation.encodeFunctionData("bind", [market.address]) as Hex;
    await transactor.transact({ method: "bind", to: reputation.address, data, value: 0n });
    return {
      addresses: { licences: first.address, market: market.address, reputation: reputation.address },
      chainId: transactor.chainId,
      fromBlock: first.blockNumber,
    };
  });
}

/** [LICENCE.1] Issues all licences, many to a block. Raises `ALREADY_LICENSED`, `NOT_AUTHORITY`, ... */
export async function issueLicences(
  options: AuthorityOptions & { readonly licences: Address },
  grants: readonly Grant[],
): Promise<void> {
  await changeLicences(options, "issue", grants, ({ note }) => [note ?? emptyNote]);
}

/** [LICENCE.2] Revokes licences. Raises `NOT_LICENSED`, `NOT_AUTHORITY`, ... */
export async function revokeLicences(
  options: AuthorityOptions & { readonly licences: Address },
  grants: readonly Grant[],
): Promise<void> {
  await changeLicences(options, "revoke", grants, () => []);
}

async function changeLicences(
  options: AuthorityOptions & { readonly licences: Address },
  method: "issue" | "revoke",
  grants: readonly Grant[],
  rest: (grant: Grant) => readonly unknown[],
): Promise<void> {
  await withTransactor(options, async (transactor) => {
    const calls = grants.map((grant) => {
      const args = [grant.subject, roleNumbers[grant.role], ...rest(grant)];
      return interfaces.licences.encodeFunctionData(method, args) as Hex;
    });
    await Promise.all(
      calls.map((data) => transactor.transact({ method, to: options.licences, data, value: 0n })),
    );
  });
}

async function deploy(
  transactor: Transactor,
  artifact: ContractArtifact,
  args: readonly unknown[],
): Promise<{ readonly address: Address; readonly blockNumber: number }> {
  const encoded = new Interface(artifact.abi).encodeDeploy(args).slice(2);
  const { contractAddress, blockNumber } = await transactor.transact({
    method: `deploy ${artifact.name}`,
    to: undefined,
    data: `${artifact.bytecode}${encoded}` as Hex,
    value: 0n,
  });
  invariant(contractAddress !== undefined, `${artifact.name} was created without an address`);
  return { address: contractAddress, blockNumber };
}

async function withTransactor<T>(
  { rpcUrl, authorityKey, pollMs = 150 }: AuthorityOptions,
  work: (transactor: Transactor) => Promise<T>,
): Promise<T> {
  const rpc = createPatientRpc({ url: rpcUrl, clock: systemClock, patienceMs: 30_000 });
  try {
    const key = authorityKey;
    return await work(await createTransactor({ rpc, clock: systemClock, key, pollMs, inclusionMs: 120_000 }));
  } finally {
    rpc.close();
  }
}
