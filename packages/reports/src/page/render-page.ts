import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fontFace } from "../charts/font.ts";
import { clientScript } from "../client/script.ts";
import type { Block, section } from "./block.ts";
import { html, scriptJson, trustedHtml } from "./html.ts";
import { pageCss } from "./page-css.ts";
import { themeCss } from "./theme-css.ts";

/** A whole report: what it begins with, its sections, and a line at the end. */
export interface Page {
  readonly title: string;
  readonly hero: Block;
  readonly sections: readonly ReturnType<typeof section>[];
  readonly footer: string;
}

/**
 * One self-contained HTML file: style, font, Chart.js and data are in it, and its own policy forbids
 * every request.
 */
export function renderPage(page: Page): string {
  const blocks = [page.hero, ...page.sections];
  const charts = blocks.flatMap((block) => block.charts);
  const policy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; font-src data:; img-src data:";
  const links = page.sections.map(({ anchor }) => html`<a href="#${anchor.id}">${anchor.title}</a>`);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${page.title}</title>
<style>${trustedHtml(fontFace() + themeCss + pageCss)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<div class="topbar"><div><span class="brand">Sheaf</span><nav aria-label="Sections">${links}</nav><button id="theme-toggle" type="button">Light / dark</button></div></div>
<main id="main" class="page">
${blocks.map(({ body }) => body)}
<noscript><p>The charts need JavaScript; every figure is in the tables too.</p></noscript>
<footer>${page.footer}</footer>
</main>
<script type="application/json" id="chart-data">${scriptJson(charts)}</script>
<script>${trustedHtml(chartLibrary())}</script>
<script>${trustedHtml(clientScript())}</script>
</body>
</html>
`.html;
}

/** Chart.js as one classic script, from the installed package. */
function chartLibrary(): string {
  const require = createRequire(import.meta.url);
  const file = join(dirname(require.resolve("chart.js")), "chart.umd.min.js");
  return readFileSync(file, "utf8").replace(/\/\/# sourceMappingURL=.*/g, "");
}
