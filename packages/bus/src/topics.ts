import type { Address } from "./mailbox-types.ts";

/** Topics of one market [BUS.5]. `scope` is `chainId/market`. */
export const inboxTopic = (scope: string, address: Address): string => `sheaf/1/${scope}/inbox/${address}`;
export const jobTopic = (scope: string, job: bigint): string => `sheaf/1/${scope}/job/${job}`;

/** The address whose inbox a topic filter names, wildcards included; `undefined` for other topics. */
export function inboxOwner(filter: string): string | undefined {
  const levels = filter.split("/");
  const wild = levels.indexOf("#");
  if (wild !== -1 && wild <= 5) return "#";
  return levels.length === 6 && (levels[4] === "inbox" || levels[4] === "+") ? levels[5] : undefined;
}
