import type { Hex } from "@sheaf/base";
import {
  decodeKeyAdverts,
  decodeServerState,
  decodeTranscript,
  drawGroups,
  encodeServerState,
  isRejection,
  type KeyAdvert,
  recomputeSum,
  type SecaggRound,
  type SecaggTranscript,
  type ServerState,
  wordsToBytes,
} from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import type { JobSpec } from "../../job-spec.ts";
import type { AgentPorts } from "../ports.ts";
import type { ClosedRound, JobFacts } from "../view/market-view.ts";
import { aggregateParts } from "./aggregate-parts.ts";
import { announcedRound, contextOf, graphSeedOf, isMasked, keysRootOf, secaggPorts } from "./attempt.ts";
import { bytesToBitmap, fromBitmap } from "./bitmap.ts";
import { decodeSum, type OpenedPart } from "./decode-sum.ts";
import { bytesToFloats, floatsToBytes } from "./float-bytes.ts";
import { type Opened, openEncrypted, type Refused } from "./open-encrypted.ts";
import { isSignedInput } from "./signed-input.ts";
import type { RoundTranscript } from "./transcript.ts";
import { updateBytes } from "./update-hash.ts";
import { isNoised, vectorPlan } from "./vector-plan.ts";

/** What an arbiter finds: the round is as committed, or the first thing that is not. */
export type Recomputed =
  /** `next` is the state that the round leads to. */
  { readonly holds: true; readonly next: Uint8Array } | { readonly holds: false; readonly code: string };

const wrong = (code: string): Recomputed => ({ holds: false, code });

/**
 * Computes a closed round again from its transcript and compares every hash with the chain [PHASE.11].
 */
export function recomputeRound(
  ports: AgentPorts,
  job: JobFacts,
  closed: ClosedRound,
  transcript: RoundTranscript,
): Recomputed {
  const { spec } = job;
  if (spec === undefined) return wrong("NO_SPECIFICATION");
  if (transcript.round !== closed.round) return wrong("WRONG_ROUND");
  const state = decodeServerState(transcript.previous);
  if (state === undefined || ports.keccak256(transcript.previous) !== closed.opening.stateHash) {
    return wrong("WRONG_STATE");
  }
  const opened = isMasked(spec)
    ? openGroups(ports, job, spec, closed, transcript, state)
    : openUpdates(ports, job, spec, closed, transcript, state);
  if ("rejected" in opened) return wrong(opened.rejected);
  const bad = compareUpdates(closed, opened) ?? findUnsigned(ports, job, closed, transcript);
  if (bad !== undefined) return wrong(bad);
  const outcome = aggregateParts(spec, state, opened.parts, transcript.noiseSeed);
  if ("rejected" in outcome) return wrong(outcome.rejected);
  if (ports.keccak256(floatsToBytes(outcome.update)) !== closed.aggregateHash)
    return wrong("WRONG_AGGREGATE");
  const next = encodeServerState(outcome.next);
  return ports.keccak256(next) === closed.nextStateHash ? { holds: true, next } : wrong("WRONG_NEXT_STATE");
}

function compareUpdates({ survivorBitmap, updateHashes }: ClosedRound, opened: Opened): string | undefined {
  const owners = [...opened.hashes.keys()].sort((a, b) => a - b);
  const bitmap = owners.reduce((bits, owner) => bits | (1n << BigInt(owner)), 0n);
  if (bitmap !== survivorBitmap) return "WRONG_SURVIVORS";
  return owners.every((owner, place) => opened.hashes.get(owner) === updateHashes[place])
    ? undefined
    : "WRONG_UPDATE_HASH";
}

/** Each survivor's own word for the hash that stands on chain in its name [PHASE.13]. */
function findUnsigned(
  ports: AgentPorts,
  job: JobFacts,
  closed: ClosedRound,
  { attempt, signatures }: RoundTranscript,
): string | undefined {
  const survivors = fromBitmap(job.owners, closed.survivorBitmap) ?? [];
  const context = contextOf(ports.scope, { ...closed, job: job.job, attempt });
  const areSigned = survivors.every((owner, place) => {
    const [updateHash, signature] = [closed.updateHashes[place], signatures[place]];
    if (updateHash === undefined || signature === undefined) return false;
    return isSignedInput(ports, context, { owner, updateHash, signature });
  });
  return areSigned && signatures.length === survivors.length ? undefined : "UNSIGNED_INPUT";
}

function openGroups(
  ports: AgentPorts,
  job: JobFacts,
  spec: JobSpec,
  closed: ClosedRound,
  transcript: RoundTranscript,
  state: ServerState,
): Opened | Refused {
  const { opening } = closed;
  const announcedTo = fromBitmap(job.owners, bytesToBitmap(transcript.announced));
  const present = fromBitmap(job.owners, opening.cohortBitmap);
  if (announcedTo === undefined || present === undefined) return { rejected: "WRONG_COHORT" };
  const context = contextOf(ports.scope, { ...closed, job: job.job, attempt: transcript.attempt });
  const plan = vectorPlan(spec, state.weights.length, announcedTo.length);
  const announced = announcedRound(context, spec, announcedTo, opening.stateHash, plan.dimension);
  if (announced === undefined) return { rejected: "WRONG_COHORT" };
  const seed = graphSeedOf(ports, opening.block.hash, opening.keysRoot);
  const groups = drawGroups(announced, present, spec.privacy.secagg?.groupSize ?? "cohort", seed);
  if (isRejection(groups)) return groups;
  const adverts = decodeKeyAdverts(announced, transcript.adverts ?? new Uint8Array(0));
  if (isRejection(adverts)) return adverts;
  if (keysRootOf(ports, adverts) !== opening.keysRoot) return { rejected: "WRONG_KEYS" };
  const read = readGroups(groups, seed, adverts, transcript);
  if ("rejected" in read) return read;

  const hashes = new Map<number, Hex>();
  const parts: OpenedPart[] = [];
  for (const group of read) {
    const sum = recomputeSum(group, secaggPorts(ports));
    if (isRejection(sum)) return sum;
    for (const [member, words] of group.masked) {
      hashes.set(job.owners.indexOf(member as Address), ports.keccak256(wordsToBytes(words)));
    }
    const part = decodeSum(plan, sum, indicesOf(job, [...group.masked.keys()] as Address[]));
    if ("rejected" in part) return part;
    parts.push(part);
  }
  return { hashes, parts };
}

/** The groups that were opened, with the adverts committed on chain, each as the seed draws it. */
function readGroups(
  groups: readonly SecaggRound[],
  graphSeed: Uint8Array,
  adverts: readonly KeyAdvert[],
  transcript: RoundTranscript,
): readonly SecaggTranscript[] | Refused {
  const read: SecaggTranscript[] = [];
  for (const [index, round] of groups.entries()) {
    const entry = transcript.groups.find(({ group }) => group === index);
    if (entry === undefined) continue;
    const group = decodeTranscript(round, entry.transcript);
    if (isRejection(group)) return group;
    const members = new Set(round.members);
    read.push({ ...group, graphSeed, adverts: adverts.filter(({ member }) => members.has(member)) });
  }
  return read;
}

function openUpdates(
  ports: AgentPorts,
  job: JobFacts,
  spec: JobSpec,
  closed: ClosedRound,
  transcript: RoundTranscript,
  state: ServerState,
): Opened | Refused {
  const { length } = state.weights;
  if (!isAscending(transcript.updates) || !isAscending(transcript.encrypted)) {
    return { rejected: "OWNERS_NOT_IN_ORDER" };
  }
  if (spec.privacy.paillier !== undefined) {
    return openEncrypted(ports, job, spec, closed, transcript, length);
  }
  const hashes = new Map<number, Hex>();
  const parts: OpenedPart[] = [];
  for (const { owner, values, weight, loss } of transcript.updates) {
    const mean = bytesToFloats(values, length);
    if (mean === undefined || owner >= job.owners.length) return { rejected: "MALFORMED_UPDATE" };
    if (weight > (isNoised(spec) ? 1 : spec.training.maxWeight)) return { rejected: "BAD_WEIGHT" };
    if ((loss === null) !== isNoised(spec)) return { rejected: "BAD_LOSS" };
    hashes.set(owner, ports.keccak256(updateBytes({ values, weight, loss })));
    parts.push({ members: [owner], mean, weight, loss, saturated: null });
  }
  return { hashes, parts };
}

/** Each owner once, as the analyst adds them up [PHASE.10]: a second entry would count without standing on chain. */
function isAscending(rows: readonly { readonly owner: number }[]): boolean {
  return rows.every(({ owner }, place) => place === 0 || (rows[place - 1]?.owner ?? owner) < owner);
}

function indicesOf(job: JobFacts, members: readonly Address[]): number[] {
  return members.map((member) => job.owners.indexOf(member)).sort((a, b) => a - b);
}
