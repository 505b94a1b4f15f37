import { decode, encode } from "@msgpack/msgpack";
import { z } from "zod";

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const owner = z.int().min(0).max(255);

const transcriptSchema = z.strictObject({
  version: z.literal(2),
  round: z.int().min(1),
  attempt: z.int().min(1),
  /** The state before the round. */
  previous: bytes,
  /** The cohort as announced, 32 bytes; the one on chain is those of them that sent keys. */
  announced: bytes,
  /** Masked rounds: the keys of the whole cohort. */
  adverts: bytes.optional(),
  /** Masked rounds: one transcript of secure aggregation for each group that was opened, by group. */
  groups: z.array(z.strictObject({ group: z.int().min(0), transcript: bytes })).max(256),
  /** Rounds without masks: what each survivor sent. */
  updates: z
    .array(
      z.strictObject({ owner, values: bytes, weight: z.int().min(1), loss: z.number().min(0).nullable() }),
    )
    .max(256),
  /** Mode paillier: what each survivor sent, and the sum as the consumer decrypted and signed it. */
  encrypted: z.array(z.strictObject({ owner, ciphertexts: bytes })).max(256),
  /** Every survivor's own signature of its input, by owner [PHASE.13]. */
  signatures: z.array(bytes).max(256),
  decrypted: z.strictObject({ values: bytes, signature: bytes }).optional(),
  /** What central noise was drawn from, 32 bytes. */
  noiseSeed: bytes.optional(),
});

/** Everything that a closed round follows from: what the analyst keeps for arbiters [ANALYST.9]. */
export type RoundTranscript = Readonly<z.infer<typeof transcriptSchema>>;

export function encodeRoundTranscript(transcript: RoundTranscript): Uint8Array {
  return encode(transcript, { ignoreUndefined: true });
}

/** `undefined` for bytes that are no transcript. */
export function decodeRoundTranscript(message: Uint8Array): RoundTranscript | undefined {
  try {
    const parsed = transcriptSchema.safeParse(decode(message));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
