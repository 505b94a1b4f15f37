import type { Agent, AgentInput, AgentPorts } from "../../src/agents/ports.ts";
import type { Address } from "../../src/chain/types.ts";
import type { ToyIdentity } from "./identities.ts";
import { FRAME_BYTES, type InputChanges, rewriteInput } from "./sign-input.ts";

const INPUTS = ["round.update", "round.masked"];

/** Another first coordinate: finite, and small enough that the sum is still one of updates. */
const OWN_WORDS: InputChanges = {
  update(body) {
    const values = body.values.slice();
    new DataView(values.buffer).setFloat32(0, 0.75, true);
    return { ...body, values };
  },
  masked(body) {
    const words = body.words.slice();
    const view = new DataView(words.buffer);
    view.setUint32(FRAME_BYTES, (view.getUint32(FRAME_BYTES, true) + 4_000) >>> 0, true);
    return { ...body, words };
  },
};

/**
 * An analyst that reads its own words in place of what the first owner sent, and takes its own signature for that
 * owner's. What it computes, commits to and shows to arbiters follows from them, as if they were the owner's.
 */
export function substituting<S>(
  self: ToyIdentity,
  create: (ports: AgentPorts) => Agent<S>,
): (ports: AgentPorts) => Agent<S> {
  let victim: Address | undefined;
  return (ports) => {
    const { start, step } = create({
      ...ports,
      recover(digest, signature) {
        const signer = ports.recover(digest, signature);
        return signer === self.address ? (victim ?? signer) : signer;
      },
    });
    return { start, step: (state, input) => step(state, read(input, ports.scope)) };
  };

  function read(input: AgentInput, scope: string): AgentInput {
    if (input.type !== "message" || !INPUTS.includes(input.message.kind)) return input;
    victim ??= input.message.from;
    if (input.message.from !== victim) return input;
    const body = rewriteInput(self, { scope, analyst: self.address }, input.message, OWN_WORDS);
    return { ...input, message: { ...input.message, body } };
  }
}
