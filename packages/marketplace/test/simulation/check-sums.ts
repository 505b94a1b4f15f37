import { bytesToFloats } from "../../src/agents/round/float-bytes.ts";
import { quantisationStep, vectorPlan } from "../../src/agents/round/vector-plan.ts";
import type { Address } from "../../src/chain/types.ts";
import { chainEvents, only } from "./check-money.ts";
import type { Played } from "./market.ts";
import type { Fault } from "./profile.ts";
import { PARAMETERS } from "./tiny-model.ts";
import type { Violation } from "./violation.ts";

/** Times the standard deviation of the noise that a sum may be off. */
const NOISE_BOUND = 12;

/**
 * Every sum that an analyst opened for a round that it closed is the sum of what its members put in before
 * rounding, within the bound of the rounding. Rounds with members that cheat are left out, and those of an
 * analyst that sums up words of its own.
 */
export function checkSums(played: Played): Violation[] {
  const { witness, profile, cast } = played;
  const events = chainEvents(played);
  const cheats = new Set(cast.filter(({ honest }) => !honest).map(({ host }) => host.address));
  const inventors = new Set(
    cast.filter(({ faults }) => faults.some(isSubstitution)).map(({ host }) => host.address),
  );
  const updates = new Map<string, Float32Array>();
  const found: Violation[] = [];
  for (const { by, name, bytes } of witness.audits) {
    const [what, job, round, attempt, part] = name.replace(/\.\w+$/, "").split("-");
    const vector = bytesToFloats(bytes, PARAMETERS);
    if (what === "update" && vector !== undefined) updates.set(`${by}-${job}-${round}-${attempt}`, vector);
    if (what !== "sum" || vector === undefined || inventors.has(by)) continue;
    const members = membersOf(played, by, `${job}-${round}-${attempt}`, Number(part));
    const closing = only(events, "roundClosed").find(
      (event) => `${event.job}-${event.round}` === `${job}-${round}`,
    );
    if (members === undefined || closing === undefined || members.some((member) => cheats.has(member)))
      continue;
    const inputs = members.map((member) => updates.get(`${member}-${job}-${round}-${attempt}`));
    if (inputs.some((input) => input === undefined)) {
      found.push({ kind: "sum", detail: `${name}: a member sent nothing` });
      continue;
    }
    const off = distance(vector, inputs as Float32Array[]);
    const most = boundOf(profile.spec, members.length);
    if (!(off <= most)) found.push({ kind: "sum", detail: `${name} is off by ${off}, at most ${most}` });
  }
  return found;
}

function isSubstitution(fault: Fault): boolean {
  return fault.kind === "trick" && fault.trick === "substitute-input";
}

/** Who is in part `part` of what an analyst opened, from its record of the round; `undefined` when it was not closed. */
function membersOf(
  { witness }: Played,
  analyst: Address,
  attempt: string,
  part: number,
): readonly Address[] | undefined {
  for (const { by, event } of witness.events) {
    if (by !== analyst || event.kind !== "round") continue;
    if (`${event.job}-${event.round}-${event.attempt}` === attempt) return event.groups[part];
  }
  return undefined;
}

function distance(sum: Float32Array, inputs: readonly Float32Array[]): number {
  let most = 0;
  for (let i = 0; i < sum.length; i++) {
    const plain = inputs.reduce((total, input) => total + (input[i] as number), 0);
    most = Math.max(most, Math.abs((sum[i] as number) - plain));
  }
  return most;
}

function boundOf(spec: Played["profile"]["spec"], members: number): number {
  const { mode, dp } = spec.privacy;
  if (mode === "none" || mode === "dp") return 1e-4;
  const plan = vectorPlan(spec, PARAMETERS, members);
  const noise = dp === undefined ? 0 : NOISE_BOUND * dp.noiseMultiplier * dp.clip;
  return members * quantisationStep(plan.quantisation) + noise + 1e-5;
}
