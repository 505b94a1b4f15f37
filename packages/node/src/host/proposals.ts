import type { Clock, Hex } from "@sheaf/base";
import type { ValidateOutput, Value } from "@sheaf/consensus";
import type { Address } from "@sheaf/protocol";
import type { Logger } from "pino";
import type { ChainStore } from "../ports.ts";
import type { BlockChecker } from "./block-checker.ts";
import type { Candidate } from "./build-block.ts";
import type { ChainCommittee } from "./committee.ts";

/** The valid blocks that were proposed for the height after the head, ready to execute when one is decided. */
export interface Proposals {
  /** One that was built here. */
  add(candidate: Candidate): void;
  /** The verdict that consensus asks for. */
  judge(question: Omit<ValidateOutput, "id" | "type">): Promise<boolean>;
  /** The block of a value that a quorum decided, or `undefined` when it is not valid here. */
  decided(height: number, value: Value): Promise<Candidate | undefined>;
  /** The height is over. */
  clear(): void;
}

export interface ProposalsPorts {
  readonly clock: Clock;
  readonly store: Pick<ChainStore, "head">;
  readonly checker: BlockChecker;
  readonly committee: ChainCommittee;
  readonly log: Logger;
}

export function createProposals({ clock, store, checker, committee, log }: ProposalsPorts): Proposals {
  const valid = new Map<Hex, Candidate>();

  async function check(
    height: number,
    { digest, payload }: Value,
    proposers: ReadonlySet<Address>,
    nowMs: number | undefined,
  ): Promise<Candidate | undefined> {
    const known = valid.get(digest);
    const parent = store.head;
    if (known !== undefined || parent.block.header.number !== height - 1) return known;
    const checked = await checker.check(payload, { parent, digest, proposers, nowMs });
    if (store.head !== parent) return undefined;
    if (typeof checked === "string") {
      log.warn({ height, digest, fault: checked }, "proposed block is not valid");
      return undefined;
    }
    valid.set(digest, checked);
    return checked;
  }

  return {
    add(candidate) {
      valid.set(candidate.block.hash, candidate);
    },
    async judge({ height, round, value, prepared }) {
      const proposers = prepared ? committee.addresses : new Set([committee.proposer(height, round)]);
      const nowMs = prepared ? undefined : clock.wallMs();
      return (await check(height, value, proposers, nowMs)) !== undefined;
    },
    // What was prepared before a restart comes back without a question about its validity.
    decided: (height, value) => check(height, value, committee.addresses, undefined),
    clear: () => valid.clear(),
  };
}
