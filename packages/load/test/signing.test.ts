import { bytesToHex, hexToBytes } from "@sheaf/base";
import { decodeTransaction, keccak256, recoverSender, type Transaction } from "@sheaf/protocol";
import { describe, expect, it } from "vitest";
import { planTransactions } from "../src/plan.ts";
import { signAll } from "../src/signing/sign-all.ts";
import { createHashIndex } from "../src/watching/hash-index.ts";
import { createWorkload, type WorkloadName } from "../src/workloads/create-workload.ts";

async function sign(name: WorkloadName, signal?: AbortSignal) {
  const workload = await createWorkload({ name, transactions: 2_500, senders: 40, seed: "signing" });
  const plan = planTransactions(workload, {
    validatorsPerChain: [4, 4],
    activeChains: [0, 1],
    route: "sender",
  });
  const baseNonces = Uint32Array.from({ length: 80 }, (_, lane) => lane * 3);
  const contracts = [new Uint8Array(20).fill(1), new Uint8Array(20).fill(2)];
  const chains = [
    { chainId: 1_001, gasPriceWei: 0n, gasLimit: workload.gasLimit },
    { chainId: 1_002, gasPriceWei: 7n, gasLimit: workload.gasLimit },
  ];
  const progress: number[] = [];
  const signed = await signAll({
    workload,
    plan,
    baseNonces,
    contracts,
    context: { privateKeys: workload.accounts.privateKeys, chains },
    threads: 2,
    onProgress: (count) => progress.push(count),
    ...(signal === undefined ? {} : { signal }),
  });
  return { workload, plan, baseNonces, contracts, chains, signed, progress };
}

describe("signing ahead of time", () => {
  it.each(["token", "transfer"] as const)(
    "signs each %s call for its sender, nonce and chain",
    async (name) => {
      const { workload, plan, baseNonces, contracts, chains, signed, progress } = await sign(name);
      expect(signed.length).toBe(2_500);
      expect(progress.at(-1)).toBe(2_500);
      for (let row = 0; row < 2_500; row += 7) {
        const raw = hexToBytes(signed.rawHex(row) as `0x${string}`);
        const decoded = decodeTransaction(raw) as Transaction;
        const chain = plan.chain[row] as number;
        const lane = plan.lane[row] as number;
        const data = new Uint8Array(workload.dataLength);
        workload.writeData(row, data);
        expect(bytesToHex(signed.hash(row))).toBe(bytesToHex(keccak256(raw)));
        expect(recoverSender(decoded)).toBe(workload.accounts.addresses[plan.sender[row] as number]);
        expect(decoded).toMatchObject({
          type: 0,
          chainId: BigInt(chains[chain]?.chainId ?? 0),
          nonce: BigInt((baseNonces[lane] as number) + (plan.sequence[row] as number)),
          maxFeePerGas: chains[chain]?.gasPriceWei,
          gasLimit: BigInt(workload.gasLimit),
        });
        expect(bytesToHex(decoded.data)).toBe(bytesToHex(data));
        const { payment } = workload;
        expect(decoded.to).toBe(
          payment === undefined
            ? bytesToHex(contracts[chain] as Uint8Array)
            : workload.accounts.addresses[payment.recipient(row)],
        );
        expect(decoded.value).toBe(BigInt(payment?.valueWei(row) ?? 0));
      }
    },
  );

  it("ends early when it is aborted, with a beginning of the plan", async () => {
    const stop = new AbortController();
    stop.abort();
    expect((await sign("token", stop.signal)).signed.length).toBe(0);
  });

  it("finds every hash again, and no other", async () => {
    const { signed } = await sign("do-nothing");
    const index = createHashIndex(signed.length, signed.hash);
    for (let row = 0; row < signed.length; row++) index.add(row);
    for (let row = 0; row < signed.length; row++) {
      const padded = new Uint8Array(96);
      padded.set(signed.hash(row), 32);
      expect(index.find(padded, 32)).toBe(row);
      padded[63] = (padded[63] as number) ^ 1;
      expect(index.find(padded, 32)).toBeUndefined();
    }
  });
});
