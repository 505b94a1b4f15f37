import { shareOut } from "@sheaf/federated";
import { bondOf } from "../../src/chain/contracts.ts";
import type { Address, ChainEvent } from "../../src/chain/types.ts";
import type { Played } from "./market.ts";
import type { Violation } from "./violation.ts";

type EventOf<E extends ChainEvent["event"]> = Extract<ChainEvent, { readonly event: E }>;

/** Every event on the chain, in order. */
export function chainEvents({ stage }: Pick<Played, "stage">): ChainEvent[] {
  return stage.chain.blocks.flatMap(({ events }) => events);
}

/** The events of one name. */
export function only<E extends ChainEvent["event"]>(events: readonly ChainEvent[], name: E): EventOf<E>[] {
  return events.filter((event): event is EventOf<E> => event.event === name);
}

/** No wei came or went; prices were paid out whole, once, and to those they are for. */
export async function checkMoney(played: Played): Promise<Violation[]> {
  const events = chainEvents(played);
  return [
    ...(await conserved(played, events)),
    ...only(events, "requested").flatMap((request) => paidOnce(request, events)),
    ...withdrawnOnce(events),
  ];
}

/** Balances of all accounts and the market's own are what came into the world. */
async function conserved(
  { stage, cast, funded }: Played,
  events: readonly ChainEvent[],
): Promise<Violation[]> {
  const { chain } = stage;
  const found: Violation[] = [];
  let balances = 0n;
  let credits = 0n;
  for (const { host } of cast) {
    balances += await chain.balance(host.address);
    credits += await chain.readMarket<bigint>("credit", host.address);
  }
  const held = await chain.balance(chain.marketAddress);
  const locked = await chain.readMarket<bigint>("funds");
  if (balances + held !== funded) {
    found.push({ kind: "value", detail: `${funded} wei came in, ${balances} + ${held} are there` });
  }
  if (held !== locked + credits) {
    found.push({ kind: "value", detail: `the market holds ${held}, owes ${locked} + ${credits}` });
  }
  const over = [...only(events, "settled"), ...only(events, "refunded")].length;
  if (over === only(events, "requested").length && locked !== 0n) {
    found.push({ kind: "value", detail: `all jobs are over and ${locked} wei are locked` });
  }
  return found;
}

function paidOnce({ job, price }: EventOf<"requested">, events: readonly ChainEvent[]): Violation[] {
  const found: Violation[] = [];
  const report = (detail: string): void =>
    void found.push({ kind: "payment", detail: `job ${job}: ${detail}` });
  const credits = only(events, "credited").filter((event) => event.job === job);
  const sum = (kinds: readonly string[]): bigint =>
    credits.filter(({ kind }) => kinds.includes(kind)).reduce((total, { amount }) => total + amount, 0n);
  const settled = only(events, "settled").filter((event) => event.job === job);
  const refunded = only(events, "refunded").filter((event) => event.job === job);
  const ends = settled.length + refunded.length;
  if (ends > 1) report("it ended twice");
  if (ends === 1 && sum(["owner", "analyst", "refund"]) !== price) report("the price was not paid out whole");
  if (ends === 0 && credits.some(({ kind }) => kind !== "bond")) report("it was paid before its end");
  const disputes = only(events, "disputed").filter((event) => event.job === job).length;
  if (ends === 1 && sum(["bond"]) !== BigInt(disputes) * bondOf(price))
    report("bonds were not paid back whole");
  const payees = credits
    .filter(({ kind }) => kind !== "bond")
    .map(({ account, kind }) => `${account} as ${kind}`);
  if (new Set(payees).size !== payees.length) report("somebody was paid twice");
  if (settled[0]?.outcome === "full") found.push(...sharedByWeights(job, price, events, credits));
  return found;
}

/** The owners' pool by the delivered weights, to the last wei; the accused of an upheld dispute has nothing. */
function sharedByWeights(
  job: bigint,
  price: bigint,
  events: readonly ChainEvent[],
  credits: readonly EventOf<"credited">[],
): Violation[] {
  const own = <E extends ChainEvent["event"]>(name: E): EventOf<E> | undefined =>
    only(events, name).find((event) => event.job === job);
  const fee = own("awarded")?.fee ?? 0n;
  const weights = own("delivered")?.weights ?? [];
  const owners = own("selected")?.owners ?? [];
  if (weights.every((weight) => weight === 0n)) return [];
  const parts = shareOut(price - fee, [...weights]);
  const paid = (account: Address): bigint =>
    credits.find((credit) => credit.account === account && credit.kind === "owner")?.amount ?? 0n;
  return owners.flatMap((owner, index) =>
    paid(owner) === parts[index]
      ? []
      : [
          {
            kind: "payment",
            detail: `job ${job}: owner ${index} got ${paid(owner)}, not ${parts[index]}`,
          } as const,
        ],
  );
}

function withdrawnOnce(events: readonly ChainEvent[]): Violation[] {
  const left = new Map<Address, bigint>();
  const found: Violation[] = [];
  for (const event of events) {
    if (event.event === "credited") left.set(event.account, (left.get(event.account) ?? 0n) + event.amount);
    if (event.event !== "withdrawn") continue;
    const rest = (left.get(event.account) ?? 0n) - event.amount;
    left.set(event.account, rest);
    if (rest !== 0n)
      found.push({ kind: "payment", detail: `${event.account} took ${event.amount}, ${rest} left` });
  }
  return found;
}
