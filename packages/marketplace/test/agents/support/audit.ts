import { bytesToFloats } from "../../../src/agents/round/float-bytes.ts";
import { PARAMETERS } from "../../simulation/tiny-model.ts";
import { events, type Seat } from "./table.ts";
import type { Training } from "./training.ts";

/** What an agent put into the audit folder, by name; the last of a name. */
export function audited(seat: Seat): Map<string, Uint8Array> {
  return new Map(
    seat.outputs.flatMap((output) => (output.type === "audit" ? [[output.name, output.bytes] as const] : [])),
  );
}

/**
 * For each closed round the largest distance of a coordinate between the sums the analyst opened and the plain
 * sums of the survivors' inputs.
 */
export function aggregationErrors({ analyst, owners }: Pick<Training, "analyst" | "owners">): number[] {
  return events(analyst, "round").map(({ job, round, attempt, survivors }) => {
    const difference = new Float64Array(PARAMETERS);
    for (const [name, bytes] of audited(analyst)) {
      if (name.startsWith(`sum-${job}-${round}-${attempt}-`)) add(difference, bytes, 1);
    }
    for (const owner of owners) {
      if (!survivors.includes(owner.address)) continue;
      const bytes = audited(owner).get(`update-${job}-${round}-${attempt}.f32`);
      if (bytes === undefined) throw new TypeError(`${owner.address} audited no update of round ${round}`);
      add(difference, bytes, -1);
    }
    return difference.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  });
}

function add(sum: Float64Array, bytes: Uint8Array, sign: number): void {
  const values = bytesToFloats(bytes, PARAMETERS) ?? new Float32Array(0);
  values.forEach((value, index) => {
    sum[index] = (sum[index] as number) + sign * value;
  });
}
