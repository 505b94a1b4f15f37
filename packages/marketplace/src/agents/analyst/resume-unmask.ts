import {
  decodeConfirmations,
  decodeKeyAdverts,
  decodeMasked,
  decodeSurvivors,
  isRejection,
  wordsToBytes,
} from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import type { AgentPorts } from "../ports.ts";
import { bytesToBitmap, fromBitmap } from "../round/bitmap.ts";
import type { Model } from "../round/model.ts";
import { also, stay, type Turn } from "../turn.ts";
import { acceptedInput } from "./accepted-input.ts";
import { awaitAnswers } from "./group-phase.ts";
import { newRound } from "./new-round.ts";
import { enterPhase } from "./phases.ts";
import type { SavedUnmasking } from "./saved-unmasking.ts";
import { createGroups } from "./shares-phase.ts";
import { showConfirmations } from "./show-confirmations.ts";
import {
  type AcceptedInput,
  type AnalystContext,
  type AnalystJob,
  type GroupState,
  holdsJob,
  type RoundState,
} from "./state.ts";

/**
 * After a restart: asks the owners once more for the secrets of the round that the earlier process had asked them
 * for, for as long as its opening stands [ANALYST.11]. They answer with what they answered then [OWNER.13].
 */
export function resumeUnmasking(context: AnalystContext, job: AnalystJob): Turn<AnalystJob> {
  const { unmasking, model } = job;
  if (unmasking === undefined || job.resumable !== undefined) return stay(job);
  const { spec } = context.facts;
  const free = { ...job, unmasking: undefined };
  if (spec === undefined || !stands(context, job, unmasking)) return stay(free);
  if (model === undefined) return stay(job);
  const round = restoredRound(context, unmasking, model);
  if (round === undefined) return stay(free);
  const entered = enterPhase(context, free, round, "unmask", spec.phaseMs.unmask);
  return also(entered, ...round.groups.flatMap((group) => showConfirmations(round, group, group.awaited)));
}

/** Whether it is of the opening on chain, and of the last attempt that was announced. */
function stands(context: AnalystContext, { record }: AnalystJob, saved: SavedUnmasking): boolean {
  const { opening, state } = context.facts;
  const isOpen = state === "training" && opening?.round === saved.round && opening.attempt === saved.opening;
  return isOpen && holdsJob(context) && record.round === saved.round && record.attempt === saved.attempt;
}

/** The round as it was; `undefined` when what was saved does not make one. */
function restoredRound(context: AnalystContext, saved: SavedUnmasking, model: Model): RoundState | undefined {
  const { facts, options } = context;
  const { opening, spec, owners } = facts;
  const cohort = fromBitmap(owners, bytesToBitmap(saved.announced));
  if (opening === undefined || spec === undefined || cohort === undefined) return undefined;
  const id = { job: facts.job, analyst: options.ports.self, round: saved.round, attempt: saved.attempt };
  const fresh = newRound(context, spec, id, cohort, model);
  const { announced } = fresh;
  const adverts = announced && decodeKeyAdverts(announced, saved.adverts);
  if (announced === undefined || adverts === undefined || isRejection(adverts)) return undefined;
  const present = new Map(adverts.map((advert) => [advert.member as Address, advert]));
  const groups = createGroups(context, { ...fresh, present }, announced, opening);
  if (typeof groups === "string") return undefined;
  const restored = groups.map((group) => restoredGroup(options.ports, fresh, group, { saved, owners }));
  return {
    ...fresh,
    present,
    groups: restored.map(({ group }) => group),
    inputs: new Map(restored.flatMap(({ inputs }) => [...inputs])),
  };
}

interface RestoredGroup {
  readonly group: GroupState;
  readonly inputs: ReadonlyMap<Address, AcceptedInput>;
}

/** The group, waiting for the secrets from all that confirmed; lost when it was, or what was saved of it is not whole. */
function restoredGroup(
  ports: AgentPorts,
  round: RoundState,
  group: GroupState,
  { saved, owners }: { readonly saved: SavedUnmasking; readonly owners: readonly Address[] },
): RestoredGroup {
  const lost = (code: string): RestoredGroup => ({ group: { ...group, lost: code }, inputs: new Map() });
  const entry = saved.groups.find(({ group: index }) => index === group.index);
  if (entry === undefined || group.lost !== undefined) return lost(group.lost ?? "NOT_OPENED");
  const sharers = decodeSurvivors(group.round, entry.sharers);
  const confirmations = decodeConfirmations(group.round, entry.confirmations);
  if (isRejection(sharers)) return lost(sharers.rejected);
  if (isRejection(confirmations)) return lost(confirmations.rejected);
  const masked = new Map<Address, Uint32Array>();
  const inputs = new Map<Address, AcceptedInput>();
  for (const { owner: place, words: encoded, signature } of entry.masked) {
    const owner = owners[place];
    const words = decodeMasked(group.round, encoded);
    if (owner === undefined || isRejection(words)) return lost("MALFORMED");
    const input = acceptedInput(ports, round, owner, wordsToBytes(words), signature);
    if (input === undefined) return lost("BAD_SIGNATURE");
    masked.set(owner, words);
    inputs.set(owner, input);
  }
  const resumed = group.server.resume({ sharers, masked, confirmations });
  if (isRejection(resumed)) return lost(resumed.rejected);
  const waiting = awaitAnswers(group, [...confirmations.keys()] as Address[]);
  const survivors = [...masked.keys()].sort();
  return { group: { ...waiting, survivors, confirmations: entry.confirmations }, inputs };
}
