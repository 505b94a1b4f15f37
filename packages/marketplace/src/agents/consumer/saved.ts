import { type Hex, utf8 } from "@sheaf/base";
import { z } from "zod";
import type { AgentOutput } from "../ports.ts";
import {
  type ConsumerState,
  newJob,
  type OrderProgress,
  type OwnJob,
  withOrder,
  withOwnJob,
} from "./state.ts";

const hex = z.templateLiteral(["0x", z.string().regex(/^[0-9a-f]*$/)]) as z.ZodType<Hex>;

const orderSchema = z.strictObject({
  n: hex.optional(),
  secret: z.base64().optional(),
  askedAtMs: z.number().optional(),
});

const verdictSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("good") }),
  z.strictObject({ kind: z.enum(["poor", "wrong", "missing"]), round: z.int() }),
]);

const jobSchema = z.strictObject({
  heldHash: hex.optional(),
  wrongStates: z.int(),
  verdict: verdictSchema.optional(),
  decryptions: z.array(z.tuple([z.int(), hex])),
});

const begunSchema = z.string().regex(/^[0-9]+$/);

/** Where the state of a job's model is kept; read back by `load`. */
export function modelKey(job: bigint): string {
  return `bulk/model/${job}`;
}

export function saveBegun(begun: bigint): AgentOutput {
  return save("begun", begun.toString());
}

export function saveOrder(index: number, { keys, askedAtMs }: OrderProgress): AgentOutput {
  const secret = keys && Buffer.from(keys.secret).toString("base64");
  return save(`order/${index}`, { n: keys?.n, secret, askedAtMs });
}

export function saveJob(job: bigint, { heldHash, wrongStates, verdict, decryptions }: OwnJob): AgentOutput {
  return save(`job/${job}`, { heldHash, wrongStates, verdict, decryptions: [...decryptions] });
}

function save(key: string, value: unknown): AgentOutput {
  return { type: "save", key, value: utf8(JSON.stringify(value)) };
}

/** The state that was saved, taken up into a fresh one [CONSUMER.11]. What cannot be read counts as not saved. */
export function restore(fresh: ConsumerState, saved: ReadonlyMap<string, Uint8Array>): ConsumerState {
  const begun = read(saved.get("begun"), begunSchema);
  let state: ConsumerState = begun === undefined ? fresh : { ...fresh, begun: BigInt(begun) };
  for (const [key, bytes] of saved) {
    const [kind, id = ""] = key.split("/");
    if (kind === "order") state = restoreOrder(state, Number(id), bytes);
    if (kind === "job") state = restoreJob(state, BigInt(id), bytes);
  }
  return state;
}

function restoreOrder(state: ConsumerState, index: number, bytes: Uint8Array): ConsumerState {
  const order = read(bytes, orderSchema);
  if (order === undefined) return state;
  const { n, secret, askedAtMs } = order;
  const keys =
    n === undefined || secret === undefined
      ? undefined
      : { n, secret: new Uint8Array(Buffer.from(secret, "base64")) };
  return withOrder(state, index, { keys, askedAtMs });
}

function restoreJob(state: ConsumerState, job: bigint, bytes: Uint8Array): ConsumerState {
  const own = read(bytes, jobSchema);
  if (own === undefined) return state;
  const { heldHash, wrongStates, verdict, decryptions } = own;
  return withOwnJob(state, job, {
    ...newJob,
    heldHash,
    wrongStates,
    verdict,
    decryptions: new Map(decryptions),
  });
}

function read<T>(bytes: Uint8Array | undefined, schema: z.ZodType<T>): T | undefined {
  if (bytes === undefined) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(bytes).toString("utf8")));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
