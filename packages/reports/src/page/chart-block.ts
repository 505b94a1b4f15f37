import type { ChartSpec } from "../charts/chart-spec.ts";
import type { Block } from "./block.ts";
import { html } from "./html.ts";

/** A chart with its caption, and its data as a table for those who prefer or need one. */
export function chartBlock(spec: ChartSpec): Block {
  const body = html`<figure class="chart">
<figcaption><strong>${spec.title}</strong><span>${spec.description}</span></figcaption>
<div class="canvas"><canvas data-chart="${spec.id}" role="img" aria-label="${`${spec.title}. ${spec.description}`}"></canvas></div>
<details data-chart="${spec.id}"><summary>Data as a table</summary><div class="table-wrap" role="region" tabindex="0" aria-label="${spec.title}, data"></div></details>
</figure>`;
  return { body, charts: [spec] };
}
