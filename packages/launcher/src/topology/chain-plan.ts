import { type Link, linkSchema } from "@sheaf/protocol";
import { chainNames, regionOf } from "./check-topology.ts";
import { type ExternalChain, isExternal, type LinksSpec, type LocalChain, type Topology } from "./schema.ts";

/** One chain to start: an entry of the topology with replicas spelt out and choices made. */
export interface LocalChainPlan
  extends Omit<LocalChain, "replicas" | "weights" | "links" | "chainId" | "rpcPort"> {
  readonly kind: "local";
  readonly chainId: number;
  /** One for each validator. */
  readonly weights: readonly number[];
  /** `links[from][to]`: how frames travel from one validator to another. */
  readonly links: readonly (readonly Link[])[];
  readonly rpcPort: number | undefined;
}

/** One chain that runs already. */
export interface ExternalChainPlan extends ExternalChain {
  readonly kind: "external";
}

export type ChainPlan = LocalChainPlan | ExternalChainPlan;

/** Chain ids that the launcher gives count up from here. */
const FIRST_CHAIN_ID = 84_001;

/** Every chain of the topology, replicas spelt out. */
export function planChains(topology: Topology): readonly ChainPlan[] {
  const fixed = new Set(topology.chains.flatMap((chain) => chainIdsOf(chain)));
  let candidate = FIRST_CHAIN_ID;
  const nextChainId = (): number => {
    while (fixed.has(candidate)) candidate += 1;
    return candidate++;
  };
  return topology.chains.flatMap((chain): readonly ChainPlan[] => {
    if (isExternal(chain)) return [{ kind: "external", ...chain }];
    return chainNames(chain).map((name, replica) => planLocal(chain, name, replica, nextChainId));
  });
}

function planLocal(
  chain: LocalChain,
  name: string,
  replica: number,
  nextChainId: () => number,
): LocalChainPlan {
  const { replicas: _replicas, weights, links, chainId, rpcPort, ...rest } = chain;
  return {
    ...rest,
    kind: "local",
    name,
    chainId: chainId === undefined ? nextChainId() : chainId + replica,
    weights: weights ?? new Array<number>(chain.validators).fill(1),
    links: linkMatrix(links, chain.validators),
    rpcPort: rpcPort === undefined ? undefined : rpcPort + replica * chain.validators,
  };
}

function chainIdsOf(chain: Topology["chains"][number]): readonly number[] {
  if (chain.chainId === undefined) return [];
  const first = chain.chainId;
  return chainNames(chain).map((_, replica) => first + replica);
}

const DIRECT: Link = linkSchema.parse({});

/** `matrix[from][to]`, each link from the validators' regions, then from `pairs`, the last entry winning. */
export function linkMatrix(links: LinksSpec | undefined, validators: number): readonly (readonly Link[])[] {
  const indices = Array.from({ length: validators }, (_, index) => index);
  return indices.map((from) =>
    indices.map((to) => (links === undefined || from === to ? DIRECT : linkBetween(links, from, to))),
  );
}

function linkBetween(links: LinksSpec, from: number, to: number): Link {
  const pair = links.pairs.findLast(
    ({ between: [a, b], oneWay }) => (a === from && b === to) || (!oneWay && a === to && b === from),
  );
  if (pair !== undefined) return toLink(pair);
  const [here, there] = [regionOf(links, from), regionOf(links, to)];
  if (here === there) return links.within;
  const route = links.routes.find(
    ({ between: [a, b] }) => (a === here && b === there) || (a === there && b === here),
  );
  return route === undefined ? DIRECT : toLink(route);
}

function toLink({ delayMs, jitterMs, loss, bandwidthMbps }: Link): Link {
  return { delayMs, jitterMs, loss, bandwidthMbps };
}
