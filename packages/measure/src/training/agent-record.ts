import { z } from "zod";
import { address, agentName, count, ms, text } from "./scalars.ts";

/** What an agent is licensed as; the authority issues the licences. */
export const agentRoleSchema = z.enum(["owner", "analyst", "consumer", "authority"]);

/** The data that an owner holds. Known to who made the run, to nobody on the market. */
export const ownerDataSchema = z.strictObject({
  samples: count,
  /** Samples of each class; `null` for a regression. */
  labels: z.array(count).nullable(),
});

/** Misbehaviour that the run was asked to show. */
export const attackSchema = z.strictObject({
  /** "label-flip", "sign-flip", "scaling", "free-rider", "collusion". */
  kind: text,
  description: text,
});

/** One agent: one process with one key. */
export const agentRecordSchema = z.strictObject({
  /** Unique in the record: "owner-3". Everything else refers to it. */
  name: agentName,
  role: agentRoleSchema,
  address,
  /** `null` for an agent that is no owner. */
  data: ownerDataSchema.nullable(),
  /** `null` for an honest agent. */
  attack: attackSchema.nullable(),
  /** On the wire of the bus over the agent's whole life, packets of the protocol included; `null` when not counted. */
  busBytes: z.strictObject({ sent: count, received: count }).nullable(),
  /** CPU time of the process; `null` when it was not sampled (agents that share a process). */
  cpuMs: ms.nullable(),
  /** Peak memory, MB of 10^6 bytes. */
  peakRssMb: z.number().nonnegative().nullable(),
  /** How its process ended: "ended", "killed" (by the run's plan), "crashed", "running". */
  exit: z.enum(["ended", "killed", "crashed", "running"]),
});

export type TrainingAgent = Readonly<z.infer<typeof agentRecordSchema>>;
export type AgentRole = TrainingAgent["role"];
