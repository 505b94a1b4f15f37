import type { Message } from "@sheaf/consensus";
import { expect } from "vitest";
import type { ChainStore } from "../../src/ports.ts";
import type { VirtualMesh } from "./virtual-mesh.ts";

/** Every two chains have the same blocks and the same results up to the shorter one's head [STATE.3]. */
export function expectAgreement(stores: readonly ChainStore[]): void {
  const [first, ...others] = stores;
  if (first === undefined) return;
  for (const other of others) {
    const common = Math.min(first.head.block.header.number, other.head.block.header.number);
    for (let number = 0; number <= common; number++) {
      const [a, b] = [first.block(number), other.block(number)];
      expect(b?.block.hash).toBe(a?.block.hash);
      expect(b?.result).toEqual(a?.result);
    }
  }
}

/** No validator, over all its lives, signed two different votes of one kind for one round [PERSIST.1]. */
export function expectNoDoubleVotes(votes: VirtualMesh["votes"]): void {
  const seen = new Map<string, string>();
  for (const { sender, message } of votes) {
    if (message.type === "round-change") continue;
    const key = `${sender}/${message.height}/${message.round}/${message.type}`;
    const digest = digestOf(message);
    expect(seen.get(key) ?? digest, `a second ${message.type} of ${key}`).toBe(digest);
    seen.set(key, digest);
  }
}

function digestOf(message: Exclude<Message, { readonly type: "round-change" }>): string {
  return message.type === "pre-prepare" ? message.value.digest : message.digest;
}
