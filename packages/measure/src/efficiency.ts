import type { PerSecond } from "@sheaf/base";
import type { ArmRecord } from "./arm-record.ts";
import { protocolBound } from "./block-statistics.ts";
import type { EnvironmentRecord } from "./run-record.ts";

/** How far an arm was from the bounds that are known beforehand; `null` where a bound is not known. */
export interface Efficiency {
  /** [EFFICIENCY.1] cores / (validators x recovery time): every validator verifies every signature of its chain. */
  readonly signatureBoundTps: PerSecond | null;
  /** [EFFICIENCY.1] throughput x validators x recovery time / cores: the part of all cores spent on signatures. */
  readonly signatureShare: number | null;
  /** [EFFICIENCY.2] What the block limits of the loaded chains allow together. */
  readonly protocolBoundTps: PerSecond | null;
  readonly protocolShare: number | null;
}

/**
 * The distance of `tps` to the signature bound and to the protocol bound. Validators that are not the
 * run's own use other cores, so there is no signature bound for them.
 */
export function efficiency(
  tps: PerSecond,
  arm: ArmRecord,
  environment: EnvironmentRecord,
  ownValidators: boolean,
): Efficiency {
  const recoveries = ownValidators ? environment.signatureRecoveriesPerSecond : null;
  const signatureBoundTps =
    recoveries === null ? null : (environment.hardware.cores * recoveries) / arm.validatorsPerChain;
  const protocolBoundTps = protocolBound(arm);
  return {
    signatureBoundTps,
    signatureShare: signatureBoundTps === null ? null : tps / signatureBoundTps,
    protocolBoundTps,
    protocolShare: protocolBoundTps === null ? null : tps / protocolBoundTps,
  };
}
