import { bytesToHex, hexToBytes, type Random } from "@sheaf/base";
import { keccak256 } from "@sheaf/protocol";
import { bodySchemas } from "../../src/agents/messages/bodies.ts";
import { decodeBody, encodeBody } from "../../src/agents/messages/codec.ts";
import type { AgentOutput } from "../../src/agents/ports.ts";
import type { Tamper } from "./sim-host.ts";

export type TrickName =
  | "mute-keys"
  | "mute-shares"
  | "mute-input"
  | "mute-confirm"
  | "mute-unmask"
  | "mangle-input"
  | "mangle-all"
  | "nan"
  | "babble"
  | "withhold-model"
  | "wrong-model"
  | "withhold-all"
  | "wrong-aggregate"
  | "drop-owner"
  /** It is `substituting` that does it. */
  | "substitute-input";

const INPUTS = ["round.masked", "round.update", "round.encrypted"];

/** How an agent misbehaves: a change of what its honest step gives out. */
export function createTrick(name: TrickName, random: Random): Tamper {
  switch (name) {
    case "mute-keys":
      return mute("round.keys");
    case "mute-shares":
      return mute("round.shares");
    case "mute-input":
      return mute(...INPUTS);
    case "mute-confirm":
      return mute("round.confirm");
    case "mute-unmask":
      return mute("round.unmask");
    case "mangle-input":
      return onSend(INPUTS, (output) => [{ ...output, body: mangled(output.body, random) }]);
    case "mangle-all":
      return onSend(Object.keys(bodySchemas), (output) => [
        { ...output, body: mangled(output.body, random) },
      ]);
    case "nan":
      return onSend(["round.update"], (output) => [{ ...output, body: withNans(output.body) }]);
    case "substitute-input":
      return (output) => [output];
    case "babble":
      return (output) => [output, ...(random.chance(0.3) ? nonsense(output, random) : [])];
    case "withhold-model":
      return mute("model.deliver");
    case "wrong-model":
      return onSend(["model.deliver"], (output) => [{ ...output, body: wrongState(output.body) }]);
    case "withhold-all":
      return mute("model.deliver", "transcript.answer");
    case "wrong-aggregate":
      return closing((call) => ({
        ...call,
        aggregateHash: bytesToHex(keccak256(hexToBytes(call.aggregateHash))),
      }));
    case "drop-owner":
      return closing((call) => {
        const survivors = [...call.survivorBitmap.toString(2)].filter((bit) => bit === "1").length;
        const lowest = call.survivorBitmap & -call.survivorBitmap;
        if (survivors <= 3) return call;
        return {
          ...call,
          survivorBitmap: call.survivorBitmap ^ lowest,
          updateHashes: call.updateHashes.slice(1),
        };
      });
  }
}

type Send = Extract<AgentOutput, { readonly type: "send" }>;
type Closing = Extract<AgentOutput, { readonly type: "transact" }>["call"] & {
  readonly method: "closeRound";
};

function onSend(kinds: readonly string[], change: (output: Send) => readonly AgentOutput[]): Tamper {
  return (output) => (output.type === "send" && kinds.includes(output.kind) ? change(output) : [output]);
}

function mute(...kinds: readonly string[]): Tamper {
  return onSend(kinds, () => []);
}

function closing(change: (call: Closing) => Closing): Tamper {
  return (output) =>
    output.type === "transact" && output.call.method === "closeRound"
      ? [{ ...output, call: change(output.call) }]
      : [output];
}

/** Cut short, made longer, or with some bytes changed. */
function mangled(body: Uint8Array, random: Random): Uint8Array {
  switch (random.int(3)) {
    case 0:
      return body.slice(0, random.int(body.length + 1));
    case 1:
      return new Uint8Array([...body, ...random.bytes(1 + random.int(8))]);
    default: {
      const changed = body.slice();
      for (let i = 0; i < 3; i++) changed[random.int(changed.length)] = random.int(256);
      return changed;
    }
  }
}

function withNans(body: Uint8Array): Uint8Array {
  const decoded = decodeBody("round.update", body);
  if ("rejected" in decoded || decoded.kind !== "round.update") return body;
  const values = new Uint8Array(new Float32Array(decoded.body.values.length / 4).fill(Number.NaN).buffer);
  return encodeBody("round.update", { ...decoded.body, values });
}

/** Another state of the same form. */
function wrongState(body: Uint8Array): Uint8Array {
  const decoded = decodeBody("model.deliver", body);
  if ("rejected" in decoded || decoded.kind !== "model.deliver") return body;
  const state = decoded.body.state.slice();
  state[state.length - 1] = (state.at(-1) ?? 0) ^ 1;
  return encodeBody("model.deliver", { state });
}

/** Messages that nobody asked for, true to their form or not. */
function nonsense(output: AgentOutput, random: Random): readonly AgentOutput[] {
  if (output.type !== "send") return [];
  const kind = random.pick([...Object.keys(bodySchemas), "round.nothing", "transcript.answer"]);
  const body = random.chance(0.5) ? output.body : random.bytes(random.int(200));
  return [{ ...output, kind, body, job: random.chance(0.1) ? output.job + 7n : output.job }];
}
