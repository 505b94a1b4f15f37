import { decode, encode } from "@msgpack/msgpack";
import { encodeConfirmations, encodeMasked, encodeSurvivors } from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import { z } from "zod";
import type { AgentOutput } from "../ports.ts";
import { bitmapToBytes, toBitmap } from "../round/bitmap.ts";
import { encodedAdverts } from "./keys-phase.ts";
import type { AnalystContext, GroupState, RoundState } from "./state.ts";

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

/** Parts are the bytes of the codecs of `@sheaf/federated`. */
const savedUnmaskingSchema = z.strictObject({
  version: z.literal(1),
  round: z.int().min(1),
  attempt: z.int().min(1),
  /** The opening on chain that it is of. */
  opening: z.int().min(1),
  /** The cohort as announced, and the keys of those present. */
  announced: bytes,
  adverts: bytes,
  groups: z
    .array(
      z.strictObject({
        group: z.int().min(0),
        sharers: bytes,
        masked: z.array(z.strictObject({ owner: z.int().min(0), words: bytes, signature: bytes })),
        confirmations: bytes,
      }),
    )
    .max(256),
});

/** A masked round whose owners were asked for the secrets, and that was not aggregated when the process ended. */
export type SavedUnmasking = Readonly<z.infer<typeof savedUnmaskingSchema>>;

export const unmaskingKey = (job: bigint): string => `job/${job}/unmasking`;

/**
 * Owners open a round once: what they sent for it cannot be had again from them. So the masked inputs are saved
 * before anybody is asked for the secrets [ANALYST.11].
 */
export function saveUnmasking({ facts }: AnalystContext, round: RoundState): AgentOutput[] {
  const { opening, owners, job } = facts;
  if (opening === undefined) return [];
  const saved: SavedUnmasking = {
    version: 1,
    round: round.id.round,
    attempt: round.id.attempt,
    opening: opening.attempt,
    announced: bitmapToBytes(toBitmap(owners, round.cohort)),
    adverts: encodedAdverts(round),
    groups: round.groups.flatMap((group) => savedGroup(round, group, owners)),
  };
  return [{ type: "save", key: unmaskingKey(job), value: encode(saved) }];
}

function savedGroup(
  { inputs }: RoundState,
  { index, round, server, lost }: GroupState,
  owners: readonly Address[],
): SavedUnmasking["groups"] {
  const pending = lost === undefined ? server.pending() : undefined;
  if (pending === undefined) return [];
  const masked = [...pending.masked].flatMap(([member, words]) => {
    const signature = inputs.get(member as Address)?.signature;
    const owner = owners.indexOf(member as Address);
    return signature === undefined ? [] : [{ owner, words: encodeMasked(round, words), signature }];
  });
  return [
    {
      group: index,
      sharers: encodeSurvivors(round, pending.sharers),
      masked,
      confirmations: encodeConfirmations(round, pending.confirmations),
    },
  ];
}

/** Once the round is aggregated, or given up. */
export function forgetUnmasking(job: bigint): AgentOutput {
  return { type: "save", key: unmaskingKey(job), value: undefined };
}

/** What was saved; `undefined` for anything else. */
export function readUnmasking(saved: Uint8Array | undefined): SavedUnmasking | undefined {
  if (saved === undefined) return undefined;
  try {
    return savedUnmaskingSchema.safeParse(decode(saved)).data;
  } catch {
    return undefined;
  }
}
