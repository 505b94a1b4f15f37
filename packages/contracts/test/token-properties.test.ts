import fc from "fast-check";
import { expect, it } from "vitest";
import { tokenContract } from "../src/index.ts";
import { account, deploy } from "./evm.ts";

const owner = account(0);
const people = [0, 1, 2, 3].map(account);
const person = fc.nat(people.length - 1);
const value = fc.oneof(fc.bigInt(0n, 120n), fc.constant(2n ** 256n - 1n));

const operation = fc.oneof(
  fc.record({ kind: fc.constant("transfer" as const), by: person, to: person, value }),
  fc.record({ kind: fc.constant("approve" as const), by: person, to: person, value }),
  fc.record({ kind: fc.constant("transferFrom" as const), by: person, from: person, to: person, value }),
  fc.record({
    kind: fc.constant("mintMany" as const),
    by: person,
    to: fc.array(person),
    value: fc.bigInt(0n, 50n),
  }),
);
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

it("agrees with a plain model and conserves the supply, whatever is done", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 10, maxLength: 60 }), async (operations) => {
      const token = await deploy(tokenContract, owner);
      const model = createModel();
      for (const step of [{ kind: "mintMany" as const, by: 0, to: [0, 1, 2], value: 100n }, ...operations]) {
        const { error } = await token.send(people[step.by] as string, step.kind, ...argumentsOf(step));
        expect(error === undefined, step.kind).toBe(model.apply(step));

        const balances = await token.read<bigint[]>("balancesOf", people);
        expect([...balances]).toEqual(model.balances);
        expect(await token.read("totalSupply")).toBe(sum(balances));
      }
      for (const [i, from] of people.entries()) {
        for (const [j, spender] of people.entries()) {
          expect(await token.read("allowance", from, spender)).toBe(model.allowances[i]?.[j]);
        }
      }
    }),
    { numRuns: 40 },
  );
}, 60_000);

function argumentsOf(step: Operation): unknown[] {
  if (step.kind === "mintMany") return [step.to.map((to) => people[to]), step.value];
  const to = people[step.to];
  return step.kind === "transferFrom" ? [people[step.from], to, step.value] : [to, step.value];
}

function createModel() {
  const balances = people.map(() => 0n);
  const allowances = people.map(() => people.map(() => 0n));

  function move(from: number, to: number, amount: bigint): boolean {
    const held = balances[from] ?? 0n;
    if (held < amount) return false;
    balances[from] = held - amount;
    balances[to] = (balances[to] ?? 0n) + amount;
    return true;
  }

  /** Whether the operation succeeds. */
  function apply(step: Operation): boolean {
    if (step.kind === "transfer") return move(step.by, step.to, step.value);
    if (step.kind === "mintMany") {
      if (step.by !== 0) return false;
      for (const to of step.to) balances[to] = (balances[to] ?? 0n) + step.value;
      return true;
    }
    if (step.kind === "approve") {
      (allowances[step.by] as bigint[])[step.to] = step.value;
      return true;
    }
    const granted = allowances[step.from] as bigint[];
    const allowed = granted[step.by] ?? 0n;
    if (allowed < step.value || !move(step.from, step.to, step.value)) return false;
    if (allowed !== 2n ** 256n - 1n) granted[step.by] = allowed - step.value;
    return true;
  }

  return { balances, allowances, apply };
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, each) => total + each, 0n);
}
