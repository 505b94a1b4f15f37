import { concatBytes, type Hex, hexToBytes, utf8 } from "@sheaf/base";
import {
  type KeyAdvert,
  keysRootInput,
  type SecaggMemberPorts,
  type SecaggRound,
  thresholdFor,
} from "@sheaf/federated";
import type { Address } from "@sheaf/protocol";
import type { JobSpec } from "../../job-spec.ts";
import type { AgentPorts } from "../ports.ts";

/** One try of one analyst at one round of one job. */
export interface AttemptId {
  readonly job: bigint;
  readonly analyst: Address;
  readonly round: number;
  /** Counted by the analyst from 1, rising within the round, never used twice [PHASE.1]. */
  readonly attempt: number;
}

/** `keysRoot` of a round without keys. */
export const NO_KEYS: Hex = `0x${"00".repeat(32)}`;

/** The name of an attempt: everything that is signed or sealed in it contains this [PHASE.1]. */
export function contextOf(scope: string, id: AttemptId): string {
  return `${scope}|${id.job}|${id.analyst}|${id.round}|${id.attempt}`;
}

/** Whether masked inputs are used. */
export function isMasked({ privacy }: JobSpec): boolean {
  return privacy.mode === "secagg" || privacy.mode === "secagg+dp";
}

/**
 * The announced round of secure aggregation [PHASE.2]: its members are the announced cohort, sorted; groups are
 * drawn from it once the keys are committed. `undefined` without masks, or when fewer than three are asked.
 */
export function announcedRound(
  context: string,
  spec: JobSpec,
  cohort: readonly Address[],
  stateHash: Hex,
  dimension: number,
): SecaggRound | undefined {
  const settings = spec.privacy.secagg;
  if (settings === undefined || cohort.length < 3) return undefined;
  const { neighbours } = settings;
  const threshold = thresholdFor(settings.threshold, cohort.length, neighbours);
  const members = [...cohort].sort();
  return { context, modelHash: hexToBytes(stateHash), members, threshold, neighbours, dimension };
}

/** What the analyst commits to with `openRound`: the adverts of the cohort, or nothing without masks [PHASE.3]. */
export function keysRootOf(ports: Pick<AgentPorts, "keccak256">, adverts: readonly KeyAdvert[]): Hex {
  return adverts.length === 0 ? NO_KEYS : ports.keccak256(keysRootInput(adverts));
}

/** Where groups and the graph of masks come from: the block that opened the round, and the keys in it [PHASE.4]. */
export function graphSeedOf(ports: Pick<AgentPorts, "keccak256">, blockHash: Hex, keysRoot: Hex): Uint8Array {
  return hexToBytes(ports.keccak256(concatBytes(hexToBytes(blockHash), hexToBytes(keysRoot))));
}

/** Signing and verifying for secure aggregation, with the agents' licensed keys. */
export function secaggPorts(ports: AgentPorts): SecaggMemberPorts {
  return {
    entropy: ports.entropy,
    sign: (message) => ports.sign(ports.keccak256(message)),
    verify: (member, message, signature) => ports.recover(ports.keccak256(message), signature) === member,
  };
}

/** The digest of a void statement about the attempt whose context hashes to `contextHash` [PHASE.8]. */
export function voidDigest(ports: Pick<AgentPorts, "keccak256">, contextHash: Hex): Hex {
  return ports.keccak256(concatBytes(utf8("sheaf/void/1"), hexToBytes(contextHash)));
}

/** What the consumer signs in mode paillier: that the sum with this hash, of this attempt, has these values [PHASE.12]. */
export function decryptedDigest(
  ports: Pick<AgentPorts, "keccak256">,
  context: string,
  sumHash: Hex,
  valuesHash: Hex,
): Hex {
  const name = ports.keccak256(utf8(context));
  const parts = [name, sumHash, valuesHash].map(hexToBytes);
  return ports.keccak256(concatBytes(utf8("sheaf/decrypted/1"), ...parts));
}

/** The hash that stands for an attempt in void statements. */
export function contextHashOf(ports: Pick<AgentPorts, "keccak256">, context: string): Hex {
  return ports.keccak256(utf8(context));
}
