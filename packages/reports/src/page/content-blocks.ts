import { invariant } from "@sheaf/base";
import { type Block, block, wrap } from "./block.ts";
import { type HtmlValue, html } from "./html.ts";

/** Paragraphs of plain text. */
export function textBlock(...paragraphs: readonly HtmlValue[]): Block {
  return block(html`${paragraphs.map((text) => html`<p>${text}</p>`)}`);
}

/** One column of a table: numbers stand right. */
export interface Column {
  readonly title: string;
  readonly numeric?: boolean;
}

/** A table; the first cell of each row is its heading, and each row has a cell for every column. */
export function tableBlock(options: {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly HtmlValue[])[];
}): Block {
  for (const row of options.rows) {
    invariant(
      row.length === options.columns.length,
      `each row of "${options.caption}" has a cell for every column`,
    );
  }
  const kind = (index: number): string => (options.columns[index]?.numeric === true ? "numeric" : "");
  const heads = options.columns.map(
    (column, i) => html`<th scope="col" class="${kind(i)}">${column.title}</th>`,
  );
  const rows = options.rows.map(
    (cells) =>
      html`<tr>${cells.map((cell, i) =>
        i === 0 ? html`<th scope="row">${cell}</th>` : html`<td class="${kind(i)}">${cell}</td>`,
      )}</tr>`,
  );
  return block(html`<div class="table-wrap" role="region" tabindex="0" aria-label="${options.caption}">
<table><caption>${options.caption}</caption><thead><tr>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`);
}

/** Terms and what they are: facts of the environment, definitions. */
export function factsBlock(facts: readonly (readonly [term: string, value: HtmlValue])[]): Block {
  return block(
    html`<dl class="facts">${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>`,
  );
}

/** A command or another text to be copied. */
export function codeBlock(text: string): Block {
  return block(html`<pre tabindex="0"><code>${text}</code></pre>`);
}

/** How much weight a notice has. */
export type Tone = "good" | "warning" | "alert" | "neutral";

/** A framed message with a list under it. */
export function noticeBlock(tone: Tone, title: string, lines: readonly HtmlValue[]): Block {
  const list = lines.length > 0 && html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
  return block(html`<div class="notice ${tone}"><strong>${title}</strong>${list}</div>`);
}

/** One figure with its name and a remark. */
export interface Tile {
  readonly label: string;
  readonly value: string;
  readonly note?: HtmlValue;
}

/** Figures side by side. */
export function tilesBlock(tiles: readonly Tile[]): Block {
  const figures = tiles.map(
    ({ label, value, note }) =>
      html`<div class="tile"><dt>${label}</dt><dd><span class="figure">${value}</span>${
        note !== undefined && html`<span class="note">${note}</span>`
      }</dd></div>`,
  );
  return block(html`<dl class="tiles">${figures}</dl>`);
}

/** Blocks that the reader opens when they want them. */
export function detailsBlock(summary: string, blocks: readonly Block[]): Block {
  return wrap(blocks, (inner) => html`<details class="more"><summary>${summary}</summary>${inner}</details>`);
}
