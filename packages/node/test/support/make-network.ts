import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex, createRandom } from "@sheaf/base";
import {
  type Address,
  type Genesis,
  type Link,
  type NodeConfig,
  parseGenesis,
  parseNodeConfig,
  privateKeyToAddress,
  signTransaction,
} from "@sheaf/protocol";
import { tlsKeyHash } from "../../src/p2p/identity.ts";
import { type Authority, createAuthority, type IssuedCredentials } from "./certificates.ts";

export interface TestAccount {
  readonly address: Address;
  readonly privateKey: Uint8Array;
}

export interface TestValidator extends TestAccount {
  readonly credentials: IssuedCredentials;
  readonly config: NodeConfig;
  /** The configuration as a file, with everything it names beside it. */
  readonly configFile: string;
}

/** Keys, certificates, genesis and configurations of a chain on free ports, in a folder of its own. */
export interface TestNetwork {
  readonly dir: string;
  readonly genesis: Genesis;
  readonly authority: Authority;
  /** In the order of genesis. */
  readonly validators: readonly TestValidator[];
  readonly accounts: readonly TestAccount[];
  remove(): void;
}

export interface TestNetworkOptions {
  readonly validators?: number;
  readonly accounts?: number;
  readonly consensus?: Partial<Genesis["consensus"]>;
  readonly limits?: Partial<Genesis["limits"]>;
  readonly baseFeePerGasWei?: string;
  readonly link?: Partial<Link>;
  readonly logLevel?: NodeConfig["logLevel"];
  readonly exitWithParent?: boolean;
  /** Accounts of genesis beside the funded ones. */
  readonly alloc?: (
    funded: readonly Address[],
    validators: readonly Address[],
  ) => Readonly<Record<Address, object>>;
  readonly epochs?: Genesis["epochs"];
}

const random = createRandom("test network keys");

export function createAccount(): TestAccount {
  const privateKey = random.bytes(32);
  return { address: privateKeyToAddress(privateKey), privateKey };
}

export async function makeNetwork(options: TestNetworkOptions = {}): Promise<TestNetwork> {
  const count = options.validators ?? 4;
  const dir = mkdtempSync(join(tmpdir(), "sheaf-test-"));
  const authority = await createAuthority();
  const members = await Promise.all(
    Array.from({ length: count }, async () => ({
      ...createAccount(),
      credentials: await authority.issue(),
    })),
  );
  const accounts = Array.from({ length: options.accounts ?? 10 }, createAccount);
  const genesis = makeGenesis(options, members, accounts, authority);
  writeFileSync(join(dir, "genesis.json"), JSON.stringify(genesis));
  const ports = await freePorts(count);
  const validators = members.map((member, index) => {
    const peers = Object.fromEntries(
      members.flatMap(({ address }, other) =>
        other === index
          ? []
          : [[address, { host: "127.0.0.1", port: ports[other], link: options.link ?? {} }]],
      ),
    );
    const raw = {
      schema: "sheaf.node/1",
      genesis: "genesis.json",
      dataDir: `data-${index}`,
      keyFile: `key-${index}`,
      tls: { certificateFile: `tls-${index}.crt`, keyFile: `tls-${index}.key` },
      rpc: { port: 0 },
      p2p: { port: ports[index], peers, linkSeed: `link-${index}` },
      logLevel: options.logLevel ?? "warn",
      exitWithParent: options.exitWithParent ?? true,
    };
    const configFile = join(dir, `node-${index}.json`);
    writeFileSync(configFile, JSON.stringify(raw));
    writeFileSync(join(dir, raw.keyFile), bytesToHex(member.privateKey), { mode: 0o600 });
    writeFileSync(join(dir, raw.tls.certificateFile), member.credentials.certificate);
    writeFileSync(join(dir, raw.tls.keyFile), member.credentials.key, { mode: 0o600 });
    return { ...member, config: parseNodeConfig(raw, "test"), configFile };
  });
  return {
    dir,
    genesis,
    authority,
    validators,
    accounts,
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** A signed transfer of 1 wei. */
export function transfer(
  genesis: Genesis,
  from: TestAccount,
  nonce: number,
  change: {
    readonly to?: Address;
    readonly gasLimit?: bigint;
    readonly valueWei?: bigint;
    readonly data?: Uint8Array;
  } = {},
): Uint8Array {
  return signTransaction(
    {
      type: 2,
      chainId: BigInt(genesis.chainId),
      nonce: BigInt(nonce),
      gasLimit: change.gasLimit ?? 21_000n,
      maxFeePerGas: BigInt(genesis.baseFeePerGasWei),
      maxPriorityFeePerGas: 0n,
      to: change.to ?? "0x00000000000000000000000000000000000000aa",
      value: change.valueWei ?? 1n,
      data: change.data ?? new Uint8Array(0),
      accessList: [],
    },
    from.privateKey,
  );
}

function makeGenesis(
  options: TestNetworkOptions,
  members: readonly (TestAccount & { readonly credentials: IssuedCredentials })[],
  accounts: readonly TestAccount[],
  authority: Authority,
): Genesis {
  const consensus = {
    blockPeriodMs: 200,
    emptyBlockPeriodMs: 1_000,
    roundTimeoutMs: 1_500,
    roundTimeoutFactor: 1.5,
    maxRoundTimeoutMs: 10_000,
    ...options.consensus,
  };
  const limits = {
    transactionsPerBlock: 2_000,
    gasPerBlock: 200_000_000,
    blockBytes: 1024 * 1024,
    transactionBytes: 128 * 1024,
    ...options.limits,
  };
  return parseGenesis(
    {
      schema: "sheaf.genesis/1",
      name: "test",
      chainId: 1337,
      timestampMs: Date.now() - 10_000,
      consensus,
      limits,
      baseFeePerGasWei: options.baseFeePerGasWei ?? "0",
      validators: members.map(({ address, credentials }) => ({
        address,
        weight: 1,
        tlsKeyHash: tlsKeyHash(new X509Certificate(credentials.certificate)),
      })),
      authorityCertificate: authority.certificatePem,
      alloc: {
        ...Object.fromEntries(
          accounts.map(({ address }) => [address, { balanceWei: "1000000000000000000000" }]),
        ),
        ...options.alloc?.(
          accounts.map(({ address }) => address),
          members.map(({ address }) => address),
        ),
      },
      epochs: options.epochs,
    },
    "test genesis",
  );
}

/** Ports that nothing listens on at the moment, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
