import { decodeBody } from "../../src/agents/messages/codec.ts";
import { bytesToFloats } from "../../src/agents/round/float-bytes.ts";
import { quantisationStep, vectorPlan } from "../../src/agents/round/vector-plan.ts";
import type { Address } from "../../src/chain/types.ts";
import { hidesUpdates } from "../../src/job-spec-combinations.ts";
import type { Played } from "./market.ts";
import { PARAMETERS } from "./tiny-model.ts";
import type { Violation } from "./violation.ts";

/** So many coordinates that are not zero name an update. */
const TELLING = 4;

/**
 * No message to anybody shows a single update, in modes that hide them: neither its floats, nor its integers in
 * the place of masked ones; no two openings of a round whose difference is less than a sum of three; and no update
 * that is in the sums of two jobs.
 */
export function checkSecrecy(played: Played): Violation[] {
  if (!hidesUpdates(played.profile.spec)) return [];
  return [...plainUpdates(played), ...plainWords(played), ...differences(played), ...sentTwice(played)];
}

/** The bytes of an update's floats, as they stand in memory, in a message of anybody. */
function plainUpdates({ witness }: Played): Violation[] {
  const needles = witness.audits.flatMap(({ by, name, bytes }) => {
    if (!name.startsWith("update-")) return [];
    const floats = bytesToFloats(bytes, PARAMETERS);
    const start = floats?.findIndex((_, at) =>
      floats.subarray(at, at + TELLING).every((value) => value !== 0),
    );
    if (start === undefined || start < 0 || start + TELLING > PARAMETERS) return [];
    return [{ by, name, needle: Buffer.from(bytes.subarray(4 * start, 4 * (start + TELLING))) }];
  });
  return witness.received.flatMap(({ by, message }) => {
    const haystack = Buffer.from(message.body);
    const seen = needles.find(({ needle }) => haystack.includes(needle));
    return seen === undefined
      ? []
      : [{ kind: "secrecy", detail: `${by} got ${seen.name} of ${seen.by} in ${message.kind}` } as const];
  });
}

/** [PHASE.2] Sums of two jobs over the same update and different owners could be subtracted from each other. */
function sentTwice({ witness }: Played): Violation[] {
  const jobOf = new Map<string, string>();
  return witness.audits.flatMap(({ by, name, bytes }): Violation[] => {
    const job = /^update-(\d+)-/.exec(name)?.[1];
    if (job === undefined) return [];
    const update = `${by} ${Buffer.from(bytes).toString("base64")}`;
    const first = jobOf.get(update) ?? job;
    jobOf.set(update, first);
    return first === job
      ? []
      : [{ kind: "secrecy", detail: `${by} sent the same update in jobs ${first} and ${job}` }];
  });
}

/** Masked words that are the rounded update itself: the mask is missing. */
function plainWords({ witness, profile }: Played): Violation[] {
  const step = quantisationStep(vectorPlan(profile.spec, PARAMETERS, profile.owners).quantisation);
  const plain = new Map(
    witness.audits.map(({ by, name, bytes }) => [`${by} ${name}`, bytesToFloats(bytes, PARAMETERS)]),
  );
  return witness.received.flatMap(({ message }) => {
    const decoded = decodeBody(message.kind, message.body);
    if ("rejected" in decoded || decoded.kind !== "round.masked") return [];
    const { round, attempt, words } = decoded.body;
    const update = plain.get(`${message.from} update-${message.job}-${round}-${attempt}.f32`);
    if (update === undefined || words.length < 4 * PARAMETERS) return [];
    return isPlain(words, update, step)
      ? [{ kind: "secrecy", detail: `${message.from} sent its input unmasked` } as const]
      : [];
  });
}

/** Wherever in the bytes: the framing of words is the codec's. */
function isPlain(bytes: Uint8Array, update: Float32Array, step: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let start = 0; start + 4 * PARAMETERS <= bytes.length; start++) {
    let near = 0;
    for (let i = 0; i < PARAMETERS; i++) {
      if (Math.abs(view.getInt32(start + 4 * i, true) * step - (update[i] as number)) <= 2 * step) near++;
    }
    if (near >= PARAMETERS - 1) return true;
  }
  return false;
}

interface Opened {
  /** Owners that put something in, and owners that helped to open it. */
  readonly inputs: Set<Address>;
  readonly helpers: Set<Address>;
  readonly bodies: Map<Address, string>;
}

/** Two sums of one round over different owners, both opened, differ by single updates. */
function differences({ witness, profile }: Played): Violation[] {
  const attempts = new Map<string, Map<string, Opened>>();
  const found: Violation[] = [];
  for (const { by, message } of witness.received) {
    const decoded = decodeBody(message.kind, message.body);
    if ("rejected" in decoded || !("attempt" in decoded.body)) continue;
    const { round, attempt } = decoded.body;
    const ofRound = attempts.get(`${message.job}/${round}`) ?? new Map<string, Opened>();
    attempts.set(`${message.job}/${round}`, ofRound);
    const key = `${by}/${attempt}`;
    const opened = ofRound.get(key) ?? { inputs: new Set(), helpers: new Set(), bodies: new Map() };
    if (decoded.kind === "round.masked") ofRound.set(key, opened).get(key)?.inputs.add(message.from);
    if (decoded.kind !== "round.unmask") continue;
    const body = Buffer.from(decoded.body.shares).toString("hex");
    const before = opened.bodies.get(message.from) ?? body;
    if (before !== body)
      found.push({ kind: "secrecy", detail: `${message.from} gave two sets of shares in ${key}` });
    opened.bodies.set(message.from, body);
    opened.helpers.add(message.from);
    ofRound.set(key, opened);
  }
  for (const [round, ofRound] of attempts) {
    const open = [...ofRound.values()].filter(
      ({ inputs, helpers }) => helpers.size > 0 && helpers.size * 2 > inputs.size,
    );
    if (open.length > 1 && profile.spec.privacy.secagg?.groupSize === "cohort") {
      const [first, second] = open as [Opened, Opened];
      const both = [...first.inputs].some((owner) => second.inputs.has(owner));
      if (both) found.push({ kind: "secrecy", detail: `round ${round} was opened twice` });
    }
  }
  return found;
}
