import { parseQuantity } from "@sheaf/protocol";
import { roleNames } from "./contracts.ts";
import type { MarketReads } from "./read-market.ts";
import type { PatientRpc } from "./rpc.ts";
import type { Address, ChainEvent, LicenceRole } from "./types.ts";

/** Who holds which licences, by heart: read once, then kept up by the events that are followed. */
export interface LicenceBook {
  /** Whether the account holds a licence for the role, or for any. */
  isLicensed(account: Address, role?: LicenceRole): boolean;
  holders(role: LicenceRole): readonly Address[];
  /** Reads all licences from the chain. */
  refresh(): Promise<void>;
  /** Of a followed block. */
  apply(event: ChainEvent): void;
}

export function createLicenceBook(rpc: PatientRpc, reads: MarketReads): LicenceBook {
  let held = emptyBook();
  /** The book is no older than this block: what events of earlier ones say is in it. */
  let asOf = -1;

  return {
    isLicensed: (account, role) =>
      role === undefined ? roleNames.some((each) => held[each].has(account)) : held[role].has(account),
    holders: (role) => [...held[role]],
    async refresh() {
      const head = Number(parseQuantity(await rpc.call("eth_blockNumber", [])));
      const fresh = emptyBook();
      for (const role of roleNames) for (const each of await reads.holders(role)) fresh[role].add(each);
      held = fresh;
      asOf = head;
    },
    apply(event) {
      if (event.blockNumber <= asOf) return;
      if (event.event === "issued") held[event.role].add(event.subject);
      if (event.event === "revoked") held[event.role].delete(event.subject);
    },
  };
}

const emptyBook = (): Readonly<Record<LicenceRole, Set<Address>>> => ({
  owner: new Set(),
  analyst: new Set(),
  consumer: new Set(),
});
