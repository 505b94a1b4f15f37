import { z } from "zod";
import { agentName, count, digest, evaluationSchema, ms, text, transactionSchema } from "./scalars.ts";

/**
 * The phases of a round, in order [TRAINING.3]. Not every mode has all of them.
 *
 * - `announce`: the analyst sends the model to those it asks.
 * - `keys`: they answer with their keys.
 * - `open`: until the opening is in a block.
 * - `shares`: shares of the masks go from member to member.
 * - `train`: local training, masking (noise, encryption) and the upload of what comes out.
 * - `confirm`: survivors sign who survived.
 * - `unmask`: the shares that open the sum.
 * - `decrypt`: the consumer opens an encrypted sum.
 * - `aggregate`: sum, aggregation rule, next model, and the value of contributions where it is found by round.
 * - `close`: until the closing is in a block.
 */
export const trainingPhases = [
  "announce",
  "keys",
  "open",
  "shares",
  "train",
  "confirm",
  "unmask",
  "decrypt",
  "aggregate",
  "close",
] as const;

export const phaseSchema = z.enum(trainingPhases);

/** An owner that was asked and fell out. One that falls out after its update arrived is a survivor as well. */
export const dropoutSchema = z.strictObject({
  agent: agentName,
  /** The phase in which it was missed or refused. */
  phase: phaseSchema,
  /** "silent", "left", "declined", or the code for which its message was refused ("NOT_FINITE"). */
  reason: text,
});

/** What one agent did in one phase of a round. Rows without work may be left out. */
export const workSchema = z.strictObject({
  agent: agentName,
  phase: phaseSchema,
  /** Time at work, waiting left out. */
  ms,
  /** On the wire of the bus, packets of its protocol included. */
  sentBytes: count,
  receivedBytes: count,
});

/** A sum that was opened: of the whole cohort, of a group, or (in the modes `none` and `dp`) of one owner. */
export const groupSchema = z.strictObject({
  /** The owners whose updates are in the sum. */
  members: z.array(agentName).min(1),
  /** Whether the aggregation rule let it into the model. */
  kept: z.boolean(),
});

/** A round that was closed on chain. Times are milliseconds since the run's start. */
export const roundRecordSchema = z.strictObject({
  /** From 1. */
  round: z.int().positive(),
  /** From 1; above 1 when the round was opened again. */
  attempt: z.int().positive(),
  analyst: agentName,
  startMs: ms,
  endMs: ms,
  /** To whom the model was sent. */
  invited: z.array(agentName),
  /** Who is in the opening's bitmap. */
  cohort: z.array(agentName),
  /** Who is in the closing's bitmap: those whose updates are in the sums. */
  survivors: z.array(agentName),
  dropouts: z.array(dropoutSchema),
  /**
   * Mean over the survivors' samples of the loss while they trained, as the analyst sees it: convergence is judged by
   * it. `null` where privacy hides it.
   */
  loss: z.number().nullable(),
  learningRate: z.number().nonnegative(),
  /** The next model on the analyst's validation data; `null` when it has none. */
  validation: evaluationSchema.nullable(),
  /** The next model on the consumer's test data. Found by who made the run, after it; the market does not see it. */
  test: evaluationSchema.nullable(),
  /** How long each phase took, by the analyst's clock. A phase that runs beside another counts where it ends. */
  phases: z.array(z.strictObject({ phase: phaseSchema, ms })),
  work: z.array(workSchema),
  /** [TRAINING.4] The sums that were opened, and how exact they are. */
  aggregation: z.strictObject({
    groups: z.array(groupSchema),
    /**
     * Largest absolute difference, over coordinates and groups, between the mean update that was opened and the
     * same mean of the vectors as they were before quantisation (noise that owners add is in both; noise that the
     * analyst adds is in neither). `null` when those vectors are not known.
     */
    error: z.number().nonnegative().nullable(),
    /**
     * What quantisation allows `error` to be: with stochastic rounding less than one step for each member, so step x
     * members / (sum of weights / largest weight), and the largest over groups; `null` where nothing is quantised.
     */
    errorBound: z.number().nonnegative().nullable(),
    /** Coordinates, over all survivors, that were cut at the quantisation's clip; `null` when not counted. */
    saturated: count.nullable(),
  }),
  /** [TRAINING.5] What each owner has spent when the round is over. Empty without differential privacy. */
  epsilon: z.array(
    z.strictObject({
      agent: agentName,
      /** In this job, and over all jobs so far. */
      inJob: z.number().nonnegative(),
      overall: z.number().nonnegative(),
    }),
  ),
  /** What the models tell so far to one who does not know who took part in which round; `null` without noise. */
  epsilonSampled: z.number().nonnegative().nullable(),
  hashes: z.strictObject({
    state: digest,
    /** `null` where the mode has no keys. */
    keysRoot: digest.nullable(),
    aggregate: digest,
    nextState: digest,
  }),
  transactions: z.strictObject({ open: transactionSchema, close: transactionSchema }),
});

/** An attempt at a round that came to nothing. */
export const abortSchema = z.strictObject({
  round: z.int().positive(),
  attempt: z.int().positive(),
  phase: phaseSchema,
  /** The code of the reason ("TOO_FEW_SURVIVORS"). */
  code: text,
  cohort: count,
  survivors: count,
  startMs: ms,
  endMs: ms,
});

export type TrainingPhase = (typeof trainingPhases)[number];
export type Dropout = Readonly<z.infer<typeof dropoutSchema>>;
export type PhaseWork = Readonly<z.infer<typeof workSchema>>;
export type OpenedGroup = Readonly<z.infer<typeof groupSchema>>;
export type TrainingRound = Readonly<z.infer<typeof roundRecordSchema>>;
export type AbortedRound = Readonly<z.infer<typeof abortSchema>>;
