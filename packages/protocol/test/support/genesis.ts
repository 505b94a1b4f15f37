/** A complete genesis as JSON would give it, to be spoilt field by field. */
export function genesisJson() {
  return {
    schema: "sheaf.genesis/1",
    name: "chain-a",
    chainId: 1_337,
    timestampMs: 1_700_000_000_000,
    consensus: {
      blockPeriodMs: 1_000,
      emptyBlockPeriodMs: 2_000,
      roundTimeoutMs: 4_000,
      roundTimeoutFactor: 1.5,
      maxRoundTimeoutMs: 30_000,
    },
    limits: {
      transactionsPerBlock: 450,
      gasPerBlock: 60_000_000,
      blockBytes: 1_048_576,
      transactionBytes: 131_072,
    },
    baseFeePerGasWei: "0",
    validators: [1, 2, 3, 4].map((index) => ({
      address: `0x${String(index).repeat(40)}`,
      weight: 1,
      tlsKeyHash: `0x${String(index).repeat(64)}`,
    })),
    authorityCertificate: "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    alloc: {
      [`0x${"a".repeat(40)}`]: { balanceWei: "1000000000000000000000" },
      [`0x${"b".repeat(40)}`]: {
        balanceWei: "0",
        nonce: 1,
        code: "0x6001",
        storage: { [`0x${"0".repeat(64)}`]: `0x${"1".repeat(64)}` },
      },
    },
  };
}

/** A copy of `json` with the value at `path` (keys joined by dots) replaced, or removed when `undefined`. */
export function changed(json: unknown, path: string, value: unknown): unknown {
  const copy = structuredClone(json);
  const keys = path.split(".");
  const last = keys.pop() as string;
  let holder = copy as Record<string, unknown>;
  for (const key of keys) holder = holder[key] as Record<string, unknown>;
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
}
