import { type VoteRecord, verifyCommitCertificate } from "../../src/index.ts";
import type { Block } from "./network.ts";
import type { World } from "./world.ts";

/** What a correct node has on disk; it survives crashes. */
export interface Ledger {
  record: VoteRecord | undefined;
  /** How many heights are decided. */
  readonly height: number;
  append(block: Block): void;
  at(height: number): Block | undefined;
  /** Appends the blocks that come next and prove themselves; whether there were any. */
  take(blocks: readonly Block[]): boolean;
  /** The blocks from `height` on that fit in one answer. */
  from(height: number): readonly Block[];
}

const BLOCKS_AT_ONCE = 8;

export function createLedger({ audit, values, rules, validators, chain, keys }: World, node: number): Ledger {
  const blocks: Block[] = [];
  const quorum = rules.quorumSize(validators.length);
  const ports = keys.portsOf("0x");

  function append(block: Block): void {
    blocks.push(block);
    audit.decided(node, block);
  }

  function isProven(block: Block): boolean {
    const certificate = { ...block, digest: block.value.digest };
    return (
      values.isValid(block.value) &&
      verifyCommitCertificate(certificate, validators, chain, ports, quorum).valid
    );
  }

  return {
    record: undefined,
    get height() {
      return blocks.length;
    },
    append,
    at: (height) => blocks[height - 1],
    take(offered) {
      const before = blocks.length;
      for (const block of offered) if (block.height === blocks.length + 1 && isProven(block)) append(block);
      return blocks.length > before;
    },
    from: (height) => blocks.slice(height - 1, height - 1 + BLOCKS_AT_ONCE),
  };
}
