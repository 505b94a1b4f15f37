import type { ChartSpec } from "../charts/chart-spec.ts";
import type { PictureSpec } from "../charts/picture-spec.ts";
import { type Block, columns, type Section, section } from "./block.ts";
import { chartBlock } from "./chart-block.ts";
import {
  codeBlock,
  detailsBlock,
  factsBlock,
  noticeBlock,
  type Tone,
  tableBlock,
  textBlock,
} from "./content-blocks.ts";
import { plural } from "./format.ts";
import { type HtmlValue, html } from "./html.ts";
import { bulletList, codeFence, factTable, markdownTable } from "./markdown.ts";
import { pictureBlock } from "./picture-block.ts";
import type { TextTable } from "./text-table.ts";

/** A piece of a report, as data: the page and the Markdown text are made from the same pieces. */
export type Part =
  | { readonly kind: "charts"; readonly charts: readonly ChartSpec[] }
  | { readonly kind: "pictures"; readonly pictures: readonly PictureSpec[] }
  | { readonly kind: "table"; readonly table: TextTable; readonly look?: TableLook }
  | { readonly kind: "facts"; readonly facts: readonly (readonly [term: string, value: string])[] }
  | {
      readonly kind: "notice";
      readonly tone: Tone;
      readonly title: string;
      readonly lines: readonly string[];
    }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string };

/** How a table is shown on the page. */
export interface TableLook {
  /** Cells whose text is a key are shown as a chip of that tone. */
  readonly chips?: Readonly<Record<string, Tone>>;
  /** The reader opens it when it is wanted; so does a table of many rows. */
  readonly folded?: boolean;
}

/** A titled list of pieces. `lead` says in a sentence what they show. */
export interface ReportSection {
  readonly id: string;
  readonly title: string;
  readonly lead?: string;
  readonly parts: readonly Part[];
}

/** The piece on the page. */
export function partToBlock(part: Part): Block {
  switch (part.kind) {
    case "charts":
      return columns(part.charts.map(chartBlock));
    case "pictures":
      return columns(part.pictures.map(pictureBlock));
    case "table":
      return tableOnPage(part.table, part.look);
    case "facts":
      return factsBlock(part.facts);
    case "notice":
      return noticeBlock(part.tone, part.title, part.lines);
    case "text":
      return textBlock(part.text);
    case "code":
      return codeBlock(part.text);
  }
}

/** The section as it stands on the page. */
export function sectionToBlock({ parts, ...head }: ReportSection): Section {
  return section(head, parts.map(partToBlock));
}

/** The piece as Markdown; charts are links to their pictures. */
export function partToMarkdown(part: Part): string {
  switch (part.kind) {
    case "charts":
      return imageLinks(part.charts);
    case "pictures":
      return imageLinks(part.pictures);
    case "table":
      return markdownTable(part.table);
    case "facts":
      return factTable(part.facts);
    case "notice":
      return [`**${part.title}**`, ...(part.lines.length === 0 ? [] : [bulletList(part.lines)])].join("\n\n");
    case "text":
      return part.text;
    case "code":
      return codeFence(part.text);
  }
}

function imageLinks(images: readonly { readonly id: string; readonly title: string }[]): string {
  return images.map(({ id, title }) => `![${title}](charts/${id}.png)`).join("\n\n");
}

/** Every picture of the pieces, in their order. */
export function picturesOf(parts: readonly Part[]): readonly PictureSpec[] {
  return parts.flatMap((part) => (part.kind === "pictures" ? part.pictures : []));
}

/** Every chart of the pieces, in their order. */
export function chartsOf(parts: readonly Part[]): readonly ChartSpec[] {
  return parts.flatMap((part) => (part.kind === "charts" ? part.charts : []));
}

/** A table, or nothing where it has no rows. */
export function tablePart(table: TextTable, look: TableLook = {}): readonly Part[] {
  return table.rows.length === 0 ? [] : [{ kind: "table", table, look }];
}

/** Charts side by side, or nothing where there are none. */
export function chartsPart(...charts: readonly (ChartSpec | null)[]): readonly Part[] {
  const drawn = charts.filter((chart) => chart !== null);
  return drawn.length === 0 ? [] : [{ kind: "charts", charts: drawn }];
}

/** A table of more rows is folded. */
const mostRows = 32;

function tableOnPage(table: TextTable, { chips = {}, folded = false }: TableLook = {}): Block {
  const { caption, rows } = table;
  const cell = (text: string): HtmlValue => {
    const tone = Object.hasOwn(chips, text) ? chips[text] : undefined;
    if (tone !== undefined) return html`<span class="chip ${tone}">${text}</span>`;
    return text.length <= 24 && text.includes("-") ? html`<span class="whole">${text}</span>` : text;
  };
  const block = tableBlock({ ...table, rows: rows.map((row) => row.map(cell)) });
  return folded || rows.length > mostRows
    ? detailsBlock(`${caption}: all ${plural(rows.length, "row")}`, [block])
    : block;
}
