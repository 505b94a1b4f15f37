import type { ColorToken } from "../charts/chart-spec.ts";
import { type Block, block } from "./block.ts";
import type { Tile, Tone } from "./content-blocks.ts";
import { tilesBlock } from "./content-blocks.ts";
import { type HtmlValue, html } from "./html.ts";

/** One contender of a comparison: its figures, and a bar in proportion to the largest. */
export interface Contender {
  readonly name: string;
  readonly readings: readonly { readonly figure: string; readonly unit: string }[];
  /** From 0 to 1. */
  readonly share: number;
  /** The colour of the bar. */
  readonly color: ColorToken;
  readonly facts: readonly (readonly [term: string, value: HtmlValue])[];
}

/** The beginning of a report: the answer in one sentence, whether it holds, and the figures behind it. */
export function heroBlock(options: {
  readonly kicker: string;
  readonly answer: string;
  /** The claim that was tested, one sentence; the figures speak to it. */
  readonly claim?: string;
  readonly verdict: { readonly tone: Tone; readonly label: string };
  readonly explanation: HtmlValue;
  readonly tiles: readonly Tile[];
  readonly contenders: readonly Contender[];
}): Block {
  const { kicker, answer, claim = "", verdict, explanation, tiles, contenders } = options;
  return block(html`<header class="hero">
<p class="kicker">${kicker}</p>
<h1>${answer}</h1>
${claim !== "" && html`<p class="claim"><strong>Claim tested</strong> ${claim}</p>`}
<p class="explanation"><span class="chip ${verdict.tone}">${verdict.label}</span>${explanation}</p>
${tiles.length > 0 && tilesBlock(tiles).body}
<div class="contenders">${contenders.map(contender)}</div>
</header>`);
}

function contender({ name, readings, share, color, facts }: Contender): HtmlValue {
  const figures = readings.map(
    ({ figure, unit }) =>
      html`<p><span class="figure">${figure}</span> <span class="unit">${unit}</span></p>`,
  );
  const terms = facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`);
  return html`<div class="contender">
<h2>${name}</h2>
<div class="readings">${figures}</div>
<span class="bar" aria-hidden="true"><span class="${color}" style="width:${Math.max(0.5, share * 100).toFixed(1)}%"></span></span>
<dl>${terms}</dl>
</div>`;
}
