import { join } from "node:path";
import type { Coalition, SensingGame } from "@sheaf/game";
import { createNetwork, type Network, type Topology } from "@sheaf/launcher";
import type { CoalitionChain } from "@sheaf/measure";
import { validatorProgram } from "../../layout.ts";
import type { Progress } from "../../terminal/progress.ts";
import type { ChainSpec } from "../coalition-file.ts";
import { type AwardLedger, computeAwards } from "./award-ledger.ts";
import { type ChainFacts, readAgreement, readFacts, readFunds } from "./chain-facts.ts";
import { bookRows, epochRows, eventRows, minerRows, shareByGame } from "./chain-rows.ts";
import { COALITIONS_ADDRESS, coalitionTopology, epochRules } from "./coalition-topology.ts";
import { type CoalitionsClient, createCoalitionsClient } from "./coalitions-client.ts";
import { type ChainStage, driveEpochs } from "./drive-epochs.ts";
import { createEpochClock } from "./epoch-clock.ts";
import { authorityAccount, gatherParticipants } from "./participants.ts";
import { createSensedData } from "./sensed-data.ts";
import { type EarnedAwards, takeAwards } from "./take-awards.ts";

export interface ChainTask {
  readonly spec: ChainSpec;
  readonly topology: Topology;
  readonly sensing: SensingGame;
  readonly partition: readonly Coalition[];
  readonly seed: string;
  readonly dir: string;
}

export interface ChainOutcome {
  /** `undefined` when it failed before there was anything to show. */
  readonly record: CoalitionChain | undefined;
  readonly problems: readonly string[];
  readonly remarks: readonly string[];
  readonly failure: unknown;
}

/** No block for so long is a stall: several rounds may have failed. */
const STALL_MS = 60_000;

/** Runs the coalitions on a chain whose validators are the miners. Nothing is left running. */
export async function runOnChain(
  task: ChainTask,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<ChainOutcome> {
  const remarks: string[] = [];
  const problems: string[] = [];
  const endings: (() => Promise<void> | void)[] = [];
  try {
    const network = await start(task, progress, signal);
    endings.push(() => network.stop());
    network.onFailed((error) => problems.push(error.message));
    const stage = await setStage(task, network, { progress, signal, remarks, endings });
    const { count } = await driveEpochs(stage);
    const earned = await takeAwards(stage, count);
    const reading = progress.phase("reading the chain");
    const { record, facts, ledger } = await readChain(task, stage, network, count);
    reading.finish(`${facts.blocks.length} blocks`);
    problems.push(...disagreements(task, stage, { record, facts, ledger, earned }));
    return { record, problems, remarks, failure: undefined };
  } catch (failure) {
    return { record: undefined, problems, remarks, failure };
  } finally {
    for (const end of endings.reverse()) await end();
  }
}

async function start(
  { spec, topology, sensing, seed, dir }: ChainTask,
  progress: Progress,
  signal: AbortSignal,
) {
  const described = coalitionTopology(topology, spec, sensing.scenario, authorityAccount(seed));
  const total = sensing.players;
  const phase = progress.phase(`starting ${total} validators`, total);
  try {
    const network = await createNetwork(described, {
      program: validatorProgram,
      dir: join(dir, "network"),
      seed,
      signal,
      onProgress: ({ phase: step, done }) => phase.update(step === "prepare" ? 0 : done),
    });
    phase.finish("ready");
    return network;
  } catch (error) {
    phase.finish("failed");
    throw error;
  }
}

interface StageOptions {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly remarks: string[];
  readonly endings: (() => Promise<void> | void)[];
}

async function setStage(
  { spec, sensing, partition, seed }: ChainTask,
  network: Network,
  { progress, signal, remarks, endings }: StageOptions,
): Promise<ChainStage> {
  const chain = network.chains[0] as Network["chains"][number];
  const participants = await gatherParticipants(sensing, spec, chain, seed);
  const clients = participants.miners.map(({ rpcUrl }) => createCoalitionsClient(rpcUrl));
  endings.push(() => {
    for (const client of clients) client.close();
  });
  const clock = createEpochClock(clients[0] as CoalitionsClient, spec.epochBlocks, {
    stallMs: STALL_MS,
    signal,
  });
  return {
    spec,
    participants,
    partition,
    data: createSensedData(seed, chain.chainId),
    clients,
    clock,
    chainId: chain.chainId,
    seed,
    progress,
    remark: (text) => void (remarks.includes(text) || remarks.push(text)),
  };
}

async function readChain({ spec, sensing }: ChainTask, stage: ChainStage, network: Network, epochs: number) {
  const { participants, clients, clock } = stage;
  const chain = network.chains[0] as Network["chains"][number];
  const client = clients[0] as CoalitionsClient;
  const rpcUrls = chain.endpoints.map(({ rpcUrl }) => rpcUrl);
  const funds = await readFunds(client);
  const { epochBlocks } = spec;
  const facts = await readFacts(client, rpcUrls[0] as string, { epochs, epochBlocks, toBlock: funds.block });
  const ledger = computeAwards({
    rules: epochRules(sensing.scenario, spec),
    epochBlocks,
    poolWei: BigInt(spec.poolWei),
    ...facts,
  });
  await network.ready();
  const record: CoalitionChain = {
    validators: chain.endpoints.length,
    consensus: "QBFT, proposers drawn by weight",
    contract: COALITIONS_ADDRESS,
    epochBlocks,
    currency: { symbol: "coins", decimals: 18 },
    epochs: epochRows(facts, ledger, participants, epochBlocks),
    miners: minerRows(facts, ledger, participants),
    events: eventRows(facts.events, participants, epochBlocks),
    books: bookRows(funds, facts.events, ledger, spec),
    agreement: await readAgreement(rpcUrls, Math.min(clock.height, funds.block)),
  };
  return { record, facts, ledger };
}

/** Shares of a partition may differ in the last bits: the contract computes with integers. */
const SHARE_TOLERANCE = 1e-6;

/** Where the contract, the run's own books and the game contradict each other. */
function disagreements(
  { sensing, partition }: ChainTask,
  { participants }: ChainStage,
  found: {
    readonly record: CoalitionChain;
    readonly facts: ChainFacts;
    readonly ledger: AwardLedger;
    readonly earned: EarnedAwards;
  },
): readonly string[] {
  const problems: string[] = [];
  for (const { roster, seats } of found.ledger.epochs) {
    for (const { index, address, id } of participants.miners) {
      const seat = seats[roster.miners.indexOf(address)];
      const due = seat === undefined || seat.forfeited ? 0n : seat.awardedWei;
      const said = found.earned[index]?.[roster.epoch] ?? 0n;
      if (due !== said)
        problems.push(
          `epoch ${roster.epoch}: the contract says ${id} won ${said} wei, by the rules it is ${due}`,
        );
    }
  }
  const shares = shareByGame(sensing, partition);
  const byWorker = new Map(
    participants.workers.map(({ address }, index) => [address, sensing.scenario.workers[index]?.reputation]),
  );
  const picks = participants.miners.reduce((sum, { workers }) => sum + workers.length, 0);
  for (const { epoch, coalitions } of found.record.epochs) {
    const before = found.facts.statements.filter((own) => own.epoch === epoch - 1);
    const asInGame =
      before.length === picks &&
      before.every(({ worker, reputationBps }) => byWorker.get(worker) === Number(reputationBps) / 10_000) &&
      coalitions.length === partition.length &&
      coalitions.every(({ members }) => shares.has(members.join(",")));
    if (!asInGame) continue;
    for (const { members, predictedShare } of coalitions) {
      const share = shares.get(members.join(",")) as number;
      if (Math.abs(share - predictedShare) > SHARE_TOLERANCE)
        problems.push(
          `epoch ${epoch}: the game gives coalition ${members.join(", ")} ${share} of the blocks, the contract ${predictedShare}`,
        );
    }
  }
  return problems;
}
