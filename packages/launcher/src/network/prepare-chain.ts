import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesEqual, bytesToHex, type Hex, hexToBytes, invalidInput } from "@sheaf/base";
import { type Address, type Genesis, genesisHash, parseGenesis, privateKeyToAddress } from "@sheaf/protocol";
import { issueCertificates } from "../identity/certificates.ts";
import { accountKey, type KeySource } from "../identity/key-source.ts";
import type { LocalChainPlan } from "../topology/chain-plan.ts";
import type { AllocEntry } from "../topology/schema.ts";
import { layout, readJson, writeJson, writeSecret } from "./layout.ts";

/** One validator whose files are on disk. */
export interface PreparedValidator {
  readonly chain: string;
  readonly index: number;
  readonly address: Address;
  readonly dir: string;
}

/** A chain whose keys, certificates and genesis are on disk, ready to be started. */
export interface PreparedChain {
  readonly plan: LocalChainPlan;
  readonly genesisHash: Hex;
  /** Private key of the account that holds funds at genesis. */
  readonly deployerKey: Hex;
  readonly validators: readonly PreparedValidator[];
}

/** What the deployer holds at genesis: a thousand million coins of 10^18 wei. */
const DEPLOYER_BALANCE_WEI = 10n ** 27n;

/** Makes keys, certificates and genesis of a new chain below `dir`; secrets get mode 0600. */
export async function prepareChain(
  plan: LocalChainPlan,
  dir: string,
  keys: KeySource,
  nowMs: number,
): Promise<PreparedChain> {
  const chainDir = layout.chain(dir, plan.name);
  const accounts = Array.from({ length: plan.validators }, (_, index) =>
    accountKey(keys, `${plan.name}/validator/${index}`),
  );
  const deployer = accountKey(keys, `${plan.name}/deployer`);
  const names = accounts.map((_, index) => `validator-${index}.${plan.name}`);
  const { authorityPem, identities } = await issueCertificates(plan.name, names, keys, nowMs);
  const genesis = planToGenesis(plan, {
    timestampMs: Math.floor(nowMs),
    authorityCertificate: authorityPem,
    deployer: deployer.address,
    validators: accounts.map(({ address }, index) => ({
      address,
      tlsKeyHash: (identities[index] as (typeof identities)[number]).tlsKeyHash,
    })),
  });
  await mkdir(chainDir, { recursive: true });
  await writeJson(layout.genesis(chainDir), genesis);
  await writeSecret(layout.deployerKey(chainDir), `${bytesToHex(deployer.privateKey)}\n`);
  for (const [index, { privateKey }] of accounts.entries()) {
    const validatorDir = layout.validator(chainDir, index);
    const tls = identities[index] as (typeof identities)[number];
    await mkdir(join(validatorDir, "data"), { recursive: true, mode: 0o700 });
    await writeSecret(layout.key(validatorDir), `${bytesToHex(privateKey)}\n`);
    await writeSecret(join(validatorDir, "tls.key"), tls.keyPem);
    await writeSecret(join(validatorDir, "tls.pem"), tls.certificatePem);
  }
  return prepared(plan, chainDir, genesis, bytesToHex(deployer.privateKey));
}

/**
 * The chain that was made below `dir` before, to be continued. Raises `INVALID_INPUT` when `plan`
 * would give it another genesis, or its files are not there.
 */
export async function loadChain(plan: LocalChainPlan, dir: string): Promise<PreparedChain> {
  const chainDir = layout.chain(dir, plan.name);
  const file = layout.genesis(chainDir);
  const stored = parseGenesis(await readJson(file), file);
  const key = (await readFile(layout.deployerKey(chainDir), "utf8")).trim() as Hex;
  const deployer = privateKeyToAddress(hexToBytes(key));
  const expected = planToGenesis(plan, { ...stored, deployer });
  if (!bytesEqual(genesisHash(stored), genesisHash(expected))) {
    throw invalidInput(
      dir,
      `chain ${plan.name} was made with other limits, validators or balances than the file now says`,
      "start it fresh, which deletes the chain, or restore the file",
    );
  }
  return prepared(plan, chainDir, stored, key);
}

function prepared(plan: LocalChainPlan, chainDir: string, genesis: Genesis, deployerKey: Hex): PreparedChain {
  return {
    plan,
    genesisHash: bytesToHex(genesisHash(genesis)),
    deployerKey,
    validators: genesis.validators.map(({ address }, index) => ({
      chain: plan.name,
      index,
      address: address as Address,
      dir: layout.validator(chainDir, index),
    })),
  };
}

interface GenesisIdentities {
  readonly timestampMs: number;
  readonly authorityCertificate: string;
  readonly deployer: Address;
  readonly validators: readonly { readonly address: Hex; readonly tlsKeyHash: Hex }[];
}

function planToGenesis(plan: LocalChainPlan, made: GenesisIdentities): Genesis {
  const { transactionsPerBlock, gasPerBlock, blockBytes, transactionBytes, ...consensus } = plan.protocol;
  const accounts: Readonly<Record<string, AllocEntry>> = {
    [made.deployer]: DEPLOYER_BALANCE_WEI.toString(),
    ...plan.alloc,
  };
  const genesis = {
    schema: "sheaf.genesis/1",
    name: plan.name,
    chainId: plan.chainId,
    timestampMs: made.timestampMs,
    consensus,
    limits: { transactionsPerBlock, gasPerBlock, blockBytes, transactionBytes },
    baseFeePerGasWei: plan.baseFeePerGasWei,
    validators: made.validators.map(({ address, tlsKeyHash }, index) => ({
      address,
      tlsKeyHash,
      weight: plan.weights[index],
    })),
    authorityCertificate: made.authorityCertificate,
    alloc: Object.fromEntries(
      Object.entries(accounts).map(([address, account]) => [
        address,
        typeof account === "string" ? { balanceWei: account } : account,
      ]),
    ),
    ...(plan.epochs !== undefined && { epochs: plan.epochs }),
  };
  return parseGenesis(genesis, `genesis of ${plan.name}`);
}
