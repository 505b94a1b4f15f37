import type { ChartSpec } from "../charts/chart-spec.ts";
import { type Html, type HtmlValue, html } from "./html.ts";

/** A part of a page: its HTML, and the charts that the HTML has places for. */
export interface Block {
  readonly body: Html;
  readonly charts: readonly ChartSpec[];
}

/** A block without charts. */
export function block(body: Html): Block {
  return { body, charts: [] };
}

/** Several blocks inside one element. */
export function wrap(blocks: readonly Block[], around: (inner: HtmlValue) => Html): Block {
  return {
    body: around(blocks.map(({ body }) => body)),
    charts: blocks.flatMap(({ charts }) => charts),
  };
}

/** A titled part of the page that the navigation leads to. */
export interface Section extends Block {
  readonly anchor: { readonly id: string; readonly title: string };
}

/** `lead` says in a sentence what the section shows. */
export function section(
  options: { readonly id: string; readonly title: string; readonly lead?: HtmlValue },
  blocks: readonly Block[],
): Section {
  const { id, title, lead } = options;
  const inner = wrap(
    blocks,
    (body) => html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${lead !== undefined && html`<p class="lead">${lead}</p>`}
${body}
</section>`,
  );
  return { ...inner, anchor: { id, title } };
}

/** Blocks side by side where there is room. */
export function columns(blocks: readonly Block[]): Block {
  return blocks.length === 1
    ? (blocks[0] as Block)
    : wrap(blocks, (inner) => html`<div class="columns">${inner}</div>`);
}
