import { type Clock, errorMessage, type Millis, sleep } from "@sheaf/base";
import type { StateCheck } from "@sheaf/measure";
import { parseQuantity, type RpcClient } from "@sheaf/protocol";
import type { StateProbe } from "../workloads/workload.ts";

const probesPerBatch = 50;
const reported = 20;
const pollMs: Millis = 100;

/** What is compared on one chain, at each of its validators. */
export interface ChainCheck {
  readonly name: string;
  /** The validators to ask, with their numbers. */
  readonly validators: readonly { readonly validator: number; readonly client: RpcClient }[];
  /** Every validator must have come to this block. */
  readonly height: number;
  readonly probes: readonly StateProbe[];
}

/** A probe of an account's nonce: the number of its transactions on chain. */
export function nonceProbe(address: string, expected: number, label: string): StateProbe {
  return {
    call: { method: "eth_getTransactionCount", params: [address, "latest"] },
    values: 1,
    mismatches(result) {
      const found = parseQuantity(result);
      return found === BigInt(expected)
        ? []
        : [`nonce of ${label} is ${String(found)}, expected ${expected}`];
    },
  };
}

/** Makes every probe on every validator. A validator that cannot be asked is a mismatch; nothing throws. */
export async function checkState(
  checks: readonly ChainCheck[],
  description: string,
  limits: { readonly clock: Clock; readonly deadlineMs: Millis; readonly signal: AbortSignal },
): Promise<StateCheck> {
  const mismatches: string[] = [];
  let checked = 0;
  await Promise.all(
    checks.flatMap((check) =>
      check.validators.map(async ({ validator, client }) => {
        const at = `${check.name}, validator ${validator}`;
        try {
          await waitForHeight(client, check.height, limits);
          for await (const { values, differences } of probe(client, check.probes, limits.signal)) {
            checked += values;
            mismatches.push(...differences.map((difference) => `${at}: ${difference}`));
          }
        } catch (error) {
          mismatches.push(`${at}: ${errorMessage(error)}`);
        }
      }),
    ),
  );
  const more = mismatches.length - reported;
  return {
    ok: mismatches.length === 0,
    checked,
    description,
    mismatches: more > 0 ? [...mismatches.slice(0, reported), `and ${more} more`] : mismatches,
  };
}

async function waitForHeight(
  client: RpcClient,
  height: number,
  {
    clock,
    deadlineMs,
    signal,
  }: { readonly clock: Clock; readonly deadlineMs: Millis; readonly signal: AbortSignal },
): Promise<void> {
  for (;;) {
    const head = parseQuantity(await client.call("eth_blockNumber", []));
    if (head !== undefined && head >= BigInt(height)) return;
    signal.throwIfAborted();
    if (clock.now() > deadlineMs) return;
    await sleep(pollMs, clock);
  }
}

async function* probe(
  client: RpcClient,
  probes: readonly StateProbe[],
  signal: AbortSignal,
): AsyncGenerator<{ readonly values: number; readonly differences: readonly string[] }> {
  for (let from = 0; from < probes.length; from += probesPerBatch) {
    signal.throwIfAborted();
    const page = probes.slice(from, from + probesPerBatch);
    const outcomes = await client.batch(page.map(({ call }) => call));
    let values = 0;
    const differences: string[] = [];
    page.forEach((each, i) => {
      const outcome = outcomes[i];
      values += each.values;
      if (outcome?.ok === true) differences.push(...each.mismatches(outcome.result));
      else differences.push(`${each.call.method}: ${outcome?.error.message ?? "no answer"}`);
    });
    yield { values, differences };
  }
}
