import { expect, it } from "vitest";
import { account } from "../evm.ts";
import type { Call } from "./model.ts";
import { authority } from "./model-rules.ts";
import { analyst, arbiter, consumer, hash, secondArbiter, terms } from "./story.ts";
import { createWorld, people } from "./world.ts";

/** Gas of each call of a job with so many owners, all of whom survive every round; none had credit before. */
async function gasOfJob(count: number): Promise<Record<string, number>> {
  const owners = Array.from({ length: count }, (_, i) => account(1_000 + i));
  const world = await createWorld([consumer]);
  const gas: Record<string, number> = {};
  async function play(label: string, call: Call): Promise<void> {
    const outcome = await world.send(call);
    expect([label, outcome.error]).toEqual([label, undefined]);
    gas[label] = Math.max(gas[label] ?? 0, Number(outcome.gas));
  }
  const issue = (subject: string, role: number): Call => ({
    from: authority,
    name: "issue",
    args: [subject, role, hash(1)],
  });
  const by = (from: string, name: string, ...args: unknown[]): Call => ({ from, name, args: [1n, ...args] });

  for (const each of owners) await play("issue", issue(each, 1));
  for (const each of people.analysts) await play("issue", issue(each, 2));
  await play("issue", issue(consumer, 3));
  const spec = `0x${"7b".repeat(24 * 1024)}`;
  const value = 10n ** 18n;
  await play("request, 24 KiB", {
    from: consumer,
    name: "request",
    args: [spec, { ...terms, maxOwners: 256 }],
    value,
  });
  await play("offer", by(analyst, "offer", 10n ** 17n));
  await play("award", by(consumer, "award", analyst));
  await play("invite", by(analyst, "invite", owners));
  for (const each of owners) await play("join", by(each, "join"));
  await play("select", by(analyst, "select", owners));
  const all = (1n << BigInt(count)) - 1n;
  for (const round of [1, 2, 3]) {
    await play("openRound", by(analyst, "openRound", round, hash(round), hash(7), all));
    const hashes = owners.map((_, i) => hash(i + 1));
    await play("closeRound", by(analyst, "closeRound", round, all, hashes, hash(8), hash(round + 1)));
  }
  // Weights for which the remainders are all different: the longest search.
  await play(
    "deliver",
    by(
      analyst,
      "deliver",
      hash(4),
      owners.map((_, i) => 2n ** 63n + BigInt(i * i * 7_919)),
    ),
  );
  await world.chain.tentatively(async () => {
    await play("dispute", { ...by(consumer, "dispute", 1), value: value / 20n });
    await play("vote", by(arbiter, "vote", true));
    await play("vote that upholds", by(secondArbiter, "vote", true));
  });
  await play("accept, which settles", by(consumer, "accept"));
  await play("rate", by(consumer, "rate", analyst, 1, 0, 0));
  await play("withdraw", { from: owners[0] as string, name: "withdraw", args: [] });
  return gas;
}

it("of every call fits a block of 30 million, with the most owners there can be", async () => {
  const gas = { 20: await gasOfJob(20), 256: await gasOfJob(256) };
  for (const each of Object.values(gas[256])) expect(each).toBeLessThan(30_000_000);
  expect(gas).toMatchInlineSnapshot(`
    {
      "20": {
        "accept, which settles": 1268969,
        "award": 117113,
        "closeRound": 199387,
        "deliver": 217989,
        "dispute": 280948,
        "invite": 1046324,
        "issue": 115897,
        "join": 38847,
        "offer": 58713,
        "openRound": 259486,
        "rate": 135923,
        "request, 24 KiB": 801740,
        "select": 710762,
        "vote": 67062,
        "vote that upholds": 1268029,
        "withdraw": 35104,
      },
      "256": {
        "accept, which settles": 14583850,
        "award": 117113,
        "closeRound": 338404,
        "deliver": 1852781,
        "dispute": 1432212,
        "invite": 12700986,
        "issue": 115897,
        "join": 38847,
        "offer": 58713,
        "openRound": 1621995,
        "rate": 135923,
        "request, 24 KiB": 801740,
        "select": 8272712,
        "vote": 67062,
        "vote that upholds": 14183138,
        "withdraw": 35104,
      },
    }
  `);
}, 120_000);
