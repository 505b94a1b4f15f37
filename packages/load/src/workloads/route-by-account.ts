import { invalidInput } from "@sheaf/base";
import { type Accounts, accountHash } from "../accounts.ts";
import type { Route } from "./workload.ts";

/** The route key of a workload without devices of its own: the sending account is the device. */
export function routeByAccount(workload: string, accounts: Accounts, index: number, route: Route): number {
  const sender = index % accounts.count;
  if (route === "sender") return sender;
  if (route === "device") return accountHash(accounts, sender);
  throw invalidInput(
    "route",
    `the workload ${workload} has no applications`,
    "Route it by sender or by device, or use the workload record.",
  );
}
