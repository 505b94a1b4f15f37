import { utf8 } from "@sheaf/base";
import { type Address, type Genesis, keccak256, parseGenesis, privateKeyToAddress } from "@sheaf/protocol";

export interface TestAccount {
  readonly key: Uint8Array;
  readonly address: Address;
}

/** The account of a fixed private key. */
export function testAccount(name: string): TestAccount {
  const key = keccak256(utf8(`test account ${name}`));
  return { key, address: privateKeyToAddress(key) };
}

export interface GenesisChoices {
  readonly chainId?: number;
  readonly baseFeePerGasWei?: string;
  readonly limits?: Partial<Genesis["limits"]>;
  /** Balance in wei by address. */
  readonly balances?: Readonly<Record<Address, bigint>>;
  /** Code by address, in hex. */
  readonly code?: Readonly<Record<Address, string>>;
  readonly validators?: readonly TestAccount[];
  /** Accounts beside these. */
  readonly alloc?: Readonly<Record<Address, object>>;
  readonly epochs?: Genesis["epochs"];
}

/** A genesis as the launcher would write it, with the choices of one test. */
export function testGenesis(choices: GenesisChoices = {}): Genesis {
  const validators = choices.validators ?? [testAccount("validator")];
  return parseGenesis(
    {
      schema: "sheaf.genesis/1",
      name: "test",
      chainId: choices.chainId ?? 1337,
      timestampMs: 1_700_000_000_000,
      consensus: {
        blockPeriodMs: 100,
        emptyBlockPeriodMs: 1_000,
        roundTimeoutMs: 1_000,
        roundTimeoutFactor: 2,
        maxRoundTimeoutMs: 8_000,
      },
      limits: {
        transactionsPerBlock: 1_000,
        gasPerBlock: 100_000_000,
        blockBytes: 4 * 1024 * 1024,
        transactionBytes: 128 * 1024,
        ...choices.limits,
      },
      baseFeePerGasWei: choices.baseFeePerGasWei ?? "0",
      validators: validators.map(({ address }, index) => ({
        address,
        weight: 1,
        tlsKeyHash: `0x${(index + 1).toString(16).padStart(64, "0")}`,
      })),
      authorityCertificate: "-----BEGIN CERTIFICATE-----",
      alloc: {
        ...mapValues(choices.balances ?? {}, (balance) => ({ balanceWei: String(balance) })),
        ...mapValues(choices.code ?? {}, (code) => ({ code, nonce: 1 })),
        ...choices.alloc,
      },
      epochs: choices.epochs,
    },
    "test genesis",
  );
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To) {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
