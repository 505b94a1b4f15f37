import type { Hex } from "@sheaf/base";
import type { Address, Message, PrepareCertificate, RoundChange, Value } from "../../src/index.ts";

/** Everything signed that the traitors have seen, ready for misuse. They share it. */
export interface Loot {
  add(sender: Address, message: Message): void;
  /** The round changes seen for (height, round), one a sender. */
  roundChanges(height: number, round: number): readonly RoundChange[];
  /** Prepares seen, one list for each (round, digest) of `height`; not all are quorums. */
  certificates(height: number): readonly PrepareCertificate[];
  values(height: number): readonly Value[];
  readonly messages: readonly Message[];
}

const KEPT_MESSAGES = 100;

export function createLoot(): Loot {
  const roundChanges = new Map<string, Map<Address, RoundChange>>();
  const prepares = new Map<number, Map<string, { round: number; digest: Hex; signatures: Uint8Array[] }>>();
  const signers = new Set<string>();
  const values = new Map<number, Map<Hex, Value>>();
  const messages: Message[] = [];

  function addPrepare(height: number, round: number, digest: Hex, signature: Uint8Array): void {
    const slot = `${round}/${digest}`;
    const ofHeight = prepares.get(height) ?? new Map();
    prepares.set(height, ofHeight);
    const held = ofHeight.get(slot) ?? { round, digest, signatures: [] };
    ofHeight.set(slot, held);
    held.signatures.push(signature);
  }

  return {
    add(sender, message) {
      const { type, height, round } = message;
      messages.push(message);
      if (messages.length > KEPT_MESSAGES) messages.shift();
      if (type === "pre-prepare") {
        const ofHeight = values.get(height) ?? new Map<Hex, Value>();
        values.set(height, ofHeight.set(message.value.digest, message.value));
      }
      if (type === "prepare") {
        const vote = `${sender}/${height}/${round}/${message.digest}`;
        if (signers.has(vote)) return;
        signers.add(vote);
        addPrepare(height, round, message.digest, message.signature);
      }
      if (type === "round-change") {
        const slot = `${height}/${round}`;
        roundChanges.set(slot, (roundChanges.get(slot) ?? new Map()).set(sender, message));
      }
    },
    roundChanges: (height, round) => [...(roundChanges.get(`${height}/${round}`)?.values() ?? [])],
    certificates: (height) => [...(prepares.get(height)?.values() ?? [])],
    values: (height) => [...(values.get(height)?.values() ?? [])],
    messages,
  };
}
