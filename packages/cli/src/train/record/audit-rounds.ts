import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeServerState } from "@sheaf/federated";
import type { JobSpec } from "@sheaf/marketplace";
import { type AgentPlace, agentFiles } from "../agents.ts";
import { linesOf } from "./agent-log.ts";
import { eventsNamed, type JobEvent, type MarketSight, nameOf } from "./market-sight.ts";

/** How exact a round's sums were, and the model that came out. */
export interface AuditedRound {
  readonly round: number;
  /** The model after the round; `undefined` when its analyst left none. */
  readonly weights: Float32Array | undefined;
  readonly error: number | null;
  readonly errorBound: number | null;
}

/**
 * Compares every sum that was opened with the sum of the plain vectors, which simulated owners leave in files of
 * their own: the analyst never sees these. In modes without quantisation the sums are exact up to rounding.
 */
export async function auditRounds(
  sight: MarketSight,
  agents: ReadonlyMap<string, AgentPlace>,
  spec: JobSpec,
  events: readonly JobEvent[],
): Promise<readonly AuditedRound[]> {
  const rounds: AuditedRound[] = [];
  for (const closed of eventsNamed(events, "roundClosed")) {
    const { job, round, from } = closed;
    const before = events.slice(0, events.indexOf(closed));
    const attempt = eventsNamed(before, "roundOpened").findLast((each) => each.round === round)?.attempt ?? 1;
    const name = nameOf(sight, from);
    const analyst = agents.get(name);
    const told = linesOf(sight.logs.get(name) ?? [], "round").findLast(
      (line) => line.job === String(job) && line.round === round && line.attempt === attempt,
    );
    if (analyst === undefined) {
      rounds.push({ round, weights: undefined, error: null, errorBound: null });
      continue;
    }
    const bytes = await readBytes(join(agentFiles.audit(analyst.dir), `state-${job}-${round}.bin`));
    const weights = bytes === undefined ? undefined : decodeServerState(bytes)?.weights;
    let error: number | null = told === undefined ? null : 0;
    let errorBound: number | null = null;
    for (const [group, members] of (told?.groups ?? []).entries()) {
      const place = `${job}-${round}-${attempt}`;
      const sum = await readFloats(join(agentFiles.audit(analyst.dir), `sum-${place}-${group}.f32`));
      const parts = await Promise.all(
        members.map((member) => readUpdate(sight, agents.get(nameOf(sight, member)), job, round, attempt)),
      );
      if (sum === undefined || parts.some((part) => part === undefined)) {
        error = null;
        continue;
      }
      const known = parts as readonly { readonly values: Float32Array; readonly weight: number }[];
      const scale = known.reduce((total, { weight }) => total + weight, 0) / maxWeightOf(spec);
      if (error !== null)
        error = Math.max(
          error,
          largestDifference(
            sum,
            known.map(({ values }) => values),
          ) / scale,
        );
      const step = stepOf(spec);
      if (step !== undefined) errorBound = Math.max(errorBound ?? 0, (step * members.length) / scale);
    }
    rounds.push({ round, weights, error, errorBound });
  }
  return rounds;
}

/** Size of a quantisation step; `undefined` where floats are sent. */
function stepOf({ privacy }: JobSpec): number | undefined {
  const quantised = privacy.secagg ?? privacy.paillier;
  return quantised === undefined ? undefined : quantised.clip / (2 ** (quantised.bits - 1) - 1);
}

function maxWeightOf({ privacy, training }: JobSpec): number {
  return privacy.dp === undefined ? training.maxWeight : 1;
}

function largestDifference(sum: Float32Array, parts: readonly Float32Array[]): number {
  let most = 0;
  for (let at = 0; at < sum.length; at++) {
    let plain = 0;
    for (const part of parts) plain += part[at] as number;
    most = Math.max(most, Math.abs((sum[at] as number) - plain));
  }
  return most;
}

async function readUpdate(
  sight: MarketSight,
  owner: AgentPlace | undefined,
  job: bigint,
  round: number,
  attempt: number,
): Promise<{ readonly values: Float32Array; readonly weight: number } | undefined> {
  if (owner === undefined) return undefined;
  const values = await readFloats(join(agentFiles.audit(owner.dir), `update-${job}-${round}-${attempt}.f32`));
  const trained = linesOf(sight.logs.get(owner.name) ?? [], "trained").findLast(
    (line) => line.job === String(job) && line.round === round && line.attempt <= attempt,
  );
  return values === undefined || trained === undefined ? undefined : { values, weight: trained.weight };
}

async function readFloats(file: string): Promise<Float32Array | undefined> {
  const bytes = await readBytes(file);
  return bytes === undefined ? undefined : new Float32Array(bytes.slice().buffer);
}

async function readBytes(file: string): Promise<Uint8Array | undefined> {
  return readFile(file).then(
    (buffer) => new Uint8Array(buffer),
    () => undefined,
  );
}
