import { analyseChain, type ChainAnalysis } from "./chain-analysis.ts";
import type { CoalitionRecord } from "./coalition-record.ts";
import { analyseFormation, type FormationAnalysis } from "./formation-analysis.ts";

/** [CRECORD.6] A fit below this is called a failure: one run in a hundred fails although the prediction is right. */
export const significance = 0.01;

/** One thing that the run was to show. `null`: it was not decided. */
export interface Finding {
  readonly subject: "stability" | "gains" | "blocks" | "rewards" | "conservation" | "agreement";
  readonly holds: boolean | null;
  /** What holds, fails, or was not decided. */
  readonly statement: string;
}

/** Everything that is derived from a coalition run. */
export interface CoalitionAnalysis {
  readonly valid: boolean;
  /** [CRECORD.8] Empty exactly when `valid`. */
  readonly problems: readonly string[];
  /** What a reader should know although the figures stand. */
  readonly remarks: readonly string[];
  /** [CRECORD.8] In the order of a report. */
  readonly findings: readonly Finding[];
  readonly formation: FormationAnalysis;
  /** `null` without a chain. */
  readonly chain: ChainAnalysis | null;
}

/** Derives all figures of a coalition run. Pure. */
export function analyseCoalition(record: CoalitionRecord): CoalitionAnalysis {
  const formation = analyseFormation(record);
  const chain = record.chain === null ? null : analyseChain(record.chain);
  const problems = [
    ...record.problems,
    ...(record.interrupted ? ["interrupted before all of it was done"] : []),
    ...formationProblems(formation),
    ...(chain === null ? [] : chainProblems(chain, record.chain?.agreement.holds === true)),
  ];
  return {
    valid: problems.length === 0,
    problems,
    remarks: [...record.remarks, ...(chain === null ? [] : chainRemarks(chain))],
    findings: [...gameFindings(record, formation), ...(chain === null ? [] : chainFindings(record, chain))],
    formation,
    chain,
  };
}

/** [CRECORD.8] What of the formation makes a run invalid. */
function formationProblems({ wrongSteps, sumAgrees }: FormationAnalysis): readonly string[] {
  return [
    ...(wrongSteps.length === 0
      ? []
      : [`somebody lost, nobody gained, or the sum did not rise in step ${wrongSteps.join(", ")}`]),
    ...(sumAgrees ? [] : ["the sum after the last step is not that of the final utilities"]),
  ];
}

/** [CRECORD.8] What of the chain makes a run invalid: its books and its validators are wrong. */
function chainProblems(chain: ChainAnalysis, agreement: boolean): readonly string[] {
  const broken = chain.equations.filter(({ holds }) => !holds).map(({ subject }) => subject);
  return [
    ...(broken.length === 0 ? [] : [`value is not conserved: ${broken.join(", ")}`]),
    ...(agreement ? [] : ["validators do not agree on the chain"]),
  ];
}

function chainRemarks({ fit, blocks, laterRoundBlocks }: ChainAnalysis): readonly string[] {
  return [
    ...(blocks > 0 && fit.p === null
      ? [`${blocks} blocks are too few to test them against the predicted shares`]
      : []),
    ...(laterRoundBlocks === 0
      ? []
      : [
          `${laterRoundBlocks} of ${blocks} blocks took more than one round and are not in the test of blocks against shares`,
        ]),
  ];
}

function gameFindings({ stability }: CoalitionRecord, { losers }: FormationAnalysis): readonly Finding[] {
  const { verdict, statement } = stability.dhp;
  return [
    { subject: "stability", holds: verdict === "not-refuted" ? null : verdict === "stable", statement },
    {
      subject: "gains",
      holds: losers.length === 0,
      statement:
        losers.length === 0
          ? "No miner has less than alone."
          : `${losers.length} miner${losers.length === 1 ? " has" : "s have"} less than alone.`,
    },
  ];
}

function chainFindings({ chain: own }: CoalitionRecord, chain: ChainAnalysis): readonly Finding[] {
  const { fit, wrongRates, wrongRewards, equations } = chain;
  const wrong = [...new Set([...wrongRates, ...wrongRewards])].sort((a, b) => a - b);
  const conserved = equations.every(({ holds }) => holds);
  const agreement = own?.agreement.holds === true;
  return [
    {
      subject: "blocks",
      holds: fit.p === null ? null : fit.p >= significance,
      statement:
        fit.p === null
          ? "Too few blocks to test them against the predicted shares."
          : `Blocks won ${fit.p >= significance ? "agree" : "do not agree"} with the predicted shares.`,
    },
    {
      subject: "rewards",
      holds: wrong.length === 0,
      statement:
        wrong.length === 0
          ? "Every reward is the blocks won times the rate that the value function gives."
          : `Rewards are not what the value function gives in epoch ${wrong.join(", ")}.`,
    },
    {
      subject: "conservation",
      holds: conserved,
      statement: conserved ? "Value is conserved, to the last unit." : "Value is not conserved.",
    },
    {
      subject: "agreement",
      holds: agreement,
      statement: agreement
        ? `${own?.agreement.validators} validators have the same ${own?.agreement.height} blocks and states.`
        : "Validators do not have the same blocks and states.",
    },
  ];
}
