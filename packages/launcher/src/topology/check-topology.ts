import {
  type ChainEntry,
  type ExternalChain,
  isExternal,
  type LinksSpec,
  type LocalChain,
  type Topology,
} from "./schema.ts";
import type { InputProblem } from "./yaml-input.ts";

/** What is wrong with a topology beyond the form of its fields. */
export function checkTopology(topology: Topology): readonly InputProblem[] {
  return [
    ...topology.chains.flatMap((chain, index) =>
      (isExternal(chain) ? checkExternal(chain) : checkLocal(chain)).map((problem) => ({
        ...problem,
        path: ["chains", index, ...problem.path],
      })),
    ),
    ...checkNames(topology.chains),
    ...checkRanges(topology.chains, "chainId", (chain) => chain.replicas ?? 1),
    ...checkRanges(topology.chains, "rpcPort", (chain) => (chain.replicas ?? 1) * chain.validators),
  ];
}

/** Names of the chains that an entry stands for. */
export function chainNames(chain: ChainEntry): readonly string[] {
  if (isExternal(chain) || chain.replicas === undefined) return [chain.name];
  return Array.from({ length: chain.replicas }, (_, index) => `${chain.name}-${index + 1}`);
}

function checkNames(chains: readonly ChainEntry[]): readonly InputProblem[] {
  const taken = new Set<string>();
  const problems: InputProblem[] = [];
  for (const [index, chain] of chains.entries()) {
    for (const name of chainNames(chain)) {
      if (taken.has(name)) {
        const problem = `the name ${name} stands for two chains`;
        problems.push({
          path: ["chains", index, "name"],
          problem,
          advice: "give each chain a name of its own",
        });
      }
      taken.add(name);
    }
  }
  return problems;
}

/** Ids or ports that count up from a start and must not meet those of another chain. */
function checkRanges(
  chains: readonly ChainEntry[],
  field: "chainId" | "rpcPort",
  size: (chain: LocalChain) => number,
): readonly InputProblem[] {
  const ranges: { readonly from: number; readonly to: number }[] = [];
  const problems: InputProblem[] = [];
  for (const [index, chain] of chains.entries()) {
    if (isExternal(chain) || chain[field] === undefined) continue;
    const range = { from: chain[field], to: chain[field] + size(chain) - 1 };
    const path = ["chains", index, field];
    if (ranges.some((other) => range.from <= other.to && other.from <= range.to)) {
      const problem = `${range.from} to ${range.to} meets another chain's`;
      problems.push({ path, problem, advice: "leave room for every replica and validator, or leave it out" });
    }
    if (field === "rpcPort" && range.to > 65_535) {
      problems.push({
        path,
        problem: `the last validator's port would be ${range.to}`,
        advice: "start lower",
      });
    }
    ranges.push(range);
  }
  return problems;
}

function checkExternal(chain: ExternalChain): readonly InputProblem[] {
  const problems: InputProblem[] = [];
  const { websockets, endpoints } = chain;
  if (websockets !== undefined && websockets.length !== endpoints.length) {
    const problem = `has ${websockets.length} entries for ${endpoints.length} endpoints`;
    problems.push({ path: ["websockets"], problem, advice: "list one for each endpoint, in the same order" });
  }
  if (chain.fundedKeyFile !== undefined && chain.fundedKeyEnv !== undefined) {
    const advice = "keep one of the two";
    problems.push({ path: ["fundedKeyEnv"], problem: "stands beside fundedKeyFile", advice });
  }
  return problems;
}

function checkLocal(chain: LocalChain): readonly InputProblem[] {
  const problems: InputProblem[] = [];
  const { validators, weights, down, protocol, links } = chain;
  if (weights !== undefined && weights.length !== validators) {
    const problem = `has ${weights.length} entries for ${validators} validators`;
    problems.push({ path: ["weights"], problem, advice: "list one weight for each validator" });
  }
  const faulty = Math.floor((validators - 1) / 3);
  if (new Set(down).size > faulty) {
    const problem = `${down.length} of ${validators} validators are down, and the chain needs a quorum`;
    problems.push({ path: ["down"], problem, advice: `list at most ${faulty}, or add validators` });
  }
  for (const [position, index] of down.entries()) {
    if (index >= validators) problems.push(noSuchValidator(["down", position], index, validators));
  }
  if (protocol.emptyBlockPeriodMs < protocol.blockPeriodMs) {
    problems.push({
      path: ["protocol", "emptyBlockPeriodMs"],
      problem: `is ${protocol.emptyBlockPeriodMs}, less than blockPeriodMs (${protocol.blockPeriodMs})`,
      advice: "raise it to at least blockPeriodMs",
    });
  }
  if (protocol.maxRoundTimeoutMs < protocol.roundTimeoutMs) {
    problems.push({
      path: ["protocol", "maxRoundTimeoutMs"],
      problem: `is ${protocol.maxRoundTimeoutMs}, less than roundTimeoutMs (${protocol.roundTimeoutMs})`,
      advice: "raise it to at least roundTimeoutMs",
    });
  }
  problems.push(...checkAlloc(chain));
  if (links !== undefined) {
    for (const problem of checkLinks(links, validators)) {
      problems.push({ ...problem, path: ["links", ...problem.path] });
    }
  }
  return problems;
}

/** Storage and epochs need code: [STATE.10] and [EPOCH.1]. */
function checkAlloc({ alloc, epochs }: LocalChain): readonly InputProblem[] {
  const hasCode = (address: string): boolean => {
    const account = alloc[address];
    return typeof account === "object" && account.code !== "0x";
  };
  const problems: InputProblem[] = [];
  for (const [address, account] of Object.entries(alloc)) {
    if (typeof account === "string" || Object.keys(account.storage).length === 0 || hasCode(address))
      continue;
    const advice = "give the account code, or leave its storage out";
    problems.push({
      path: ["alloc", address, "storage"],
      problem: "belongs to an account without code",
      advice,
    });
  }
  if (epochs !== undefined && !hasCode(epochs.contract)) {
    const advice = "give it an entry in alloc with `code`, or name another contract";
    problems.push({
      path: ["epochs", "contract"],
      problem: `${epochs.contract} has no code in alloc`,
      advice,
    });
  }
  return problems;
}

function checkLinks(links: LinksSpec, validators: number): readonly InputProblem[] {
  const problems: InputProblem[] = [];
  const regions = [...new Set(links.placement)];
  for (const [index, { between }] of links.routes.entries()) {
    for (const [side, region] of between.entries()) {
      if (regions.includes(region)) continue;
      const path = ["routes", index, "between", side];
      const advice = `use one of: ${regions.join(", ")}`;
      problems.push({ path, problem: `no validator is placed in ${region}`, advice });
    }
  }
  const used = [...new Set(Array.from({ length: validators }, (_, index) => regionOf(links, index)))];
  for (const [first, a] of used.entries()) {
    for (const b of used.slice(first + 1)) {
      const count = links.routes.filter(
        ({ between: [x, y] }) => (x === a && y === b) || (x === b && y === a),
      ).length;
      if (count === 1) continue;
      const problem =
        count === 0 ? `no route between ${a} and ${b}` : `${count} routes between ${a} and ${b}`;
      problems.push({ path: ["routes"], problem, advice: "list each two regions in use once" });
    }
  }
  for (const [index, { between }] of links.pairs.entries()) {
    for (const [side, validator] of between.entries()) {
      if (validator >= validators) {
        problems.push(noSuchValidator(["pairs", index, "between", side], validator, validators));
      }
    }
    if (between[0] === between[1]) {
      const problem = "names one validator twice";
      problems.push({ path: ["pairs", index, "between"], problem, advice: "name two validators" });
    }
  }
  return problems;
}

/** Region of a validator: the placement, repeated when it is shorter than the list of validators. */
export function regionOf(links: LinksSpec, index: number): string {
  return links.placement[index % links.placement.length] as string;
}

function noSuchValidator(path: readonly PropertyKey[], index: number, validators: number): InputProblem {
  const advice = `validators are counted from 0 to ${validators - 1}`;
  return { path, problem: `there is no validator ${index}`, advice };
}
