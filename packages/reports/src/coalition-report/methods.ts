import type { CoalitionMethod } from "@sheaf/measure";
import type { ColorToken } from "../charts/chart-spec.ts";

/** How each method is named and drawn. */
export const methodLooks: Readonly<
  Record<
    CoalitionMethod,
    { readonly name: string; readonly color: ColorToken; readonly style: "line" | "dashed" }
  >
> = {
  "merge-and-split": { name: "merge and split", color: "c1", style: "line" },
  "best-sum": { name: "best sum of all partitions", color: "c3", style: "dashed" },
  "best-min": { name: "best minimum of all partitions", color: "c6", style: "dashed" },
  singletons: { name: "everybody alone", color: "c2", style: "line" },
  grand: { name: "all together", color: "c4", style: "line" },
  random: { name: "random partition", color: "muted", style: "dashed" },
};
