/// <reference lib="dom" />
import type { Chart as ChartClass } from "chart.js";
import type { ChartSpec, ChartTheme } from "../charts/chart-spec.ts";
import type { buildChartConfig, formatPlace } from "./chart-config.ts";

// This function is put into the page as its own source text (see script.ts): it refers to its
// arguments and to the browser, and to nothing else.

interface PageParts {
  readonly Chart: typeof ChartClass;
  readonly buildChartConfig: typeof buildChartConfig;
  readonly formatPlace: typeof formatPlace;
  readonly themes: { readonly light: ChartTheme; readonly dark: ChartTheme };
}

/** Draws every chart of the page, and again when the theme changes or the page is printed. */
export function bootPage(parts: PageParts): void {
  const root = document.documentElement;
  const specs = JSON.parse(document.getElementById("chart-data")?.textContent ?? "[]") as ChartSpec[];
  const drawn = new Map<string, ChartClass>();
  const preference = window.matchMedia("(prefers-color-scheme: dark)");
  const isDark = (): boolean =>
    root.dataset["theme"] === undefined ? preference.matches : root.dataset["theme"] === "dark";

  const draw = (dark: boolean): void => {
    const theme = dark ? parts.themes.dark : parts.themes.light;
    for (const spec of specs) {
      const canvas = document.querySelector<HTMLCanvasElement>(`canvas[data-chart="${spec.id}"]`);
      if (canvas === null) continue;
      drawn.get(spec.id)?.destroy();
      drawn.set(spec.id, new parts.Chart(canvas, parts.buildChartConfig(spec, theme)));
    }
    root.dataset["charts"] = "drawn";
  };

  const remember = (theme: string): void => {
    try {
      localStorage.setItem("sheaf-theme", theme);
    } catch {
      // A page opened from disk may have no storage: the choice then lasts as long as the page.
    }
  };
  const recall = (): string | null => {
    try {
      return localStorage.getItem("sheaf-theme");
    } catch {
      return null;
    }
  };

  const fillTable = (details: HTMLDetailsElement, spec: ChartSpec): void => {
    const table = document.createElement("table");
    const row = (section: HTMLTableSectionElement, cells: readonly string[], tag: "th" | "td"): void => {
      const line = section.insertRow();
      for (const cell of cells) line.appendChild(document.createElement(tag)).textContent = cell;
    };
    row(table.createTHead(), ["Series", spec.x.label, spec.y.label], "th");
    const body = table.createTBody();
    for (const series of spec.series) {
      const step = Math.max(1, Math.ceil(series.points.length / 100));
      for (let i = 0; i < series.points.length; i += step) {
        const [x, y] = series.points[i] ?? [0, null];
        const shown = y === null ? "no value" : parts.formatPlace(y, spec.y);
        const ends = series.interval?.find(([at]) => at === x)?.slice(1) ?? [];
        const range = ends.map((end) => parts.formatPlace(end, spec.y)).join(" to ");
        row(
          body,
          [series.label, parts.formatPlace(x, spec.x), range === "" ? shown : `${shown} (${range})`],
          "td",
        );
      }
    }
    details.querySelector(".table-wrap")?.replaceChildren(table);
  };

  const stored = recall();
  if (stored === "light" || stored === "dark") root.dataset["theme"] = stored;
  document.getElementById("theme-toggle")?.addEventListener("click", () => {
    root.dataset["theme"] = isDark() ? "light" : "dark";
    remember(root.dataset["theme"]);
    draw(isDark());
  });
  preference.addEventListener("change", () => draw(isDark()));
  window.addEventListener("beforeprint", () => draw(false));
  window.addEventListener("afterprint", () => draw(isDark()));
  for (const details of document.querySelectorAll<HTMLDetailsElement>("details[data-chart]")) {
    const spec = specs.find(({ id }) => id === details.dataset["chart"]);
    if (spec !== undefined)
      details.addEventListener("toggle", () => fillTable(details, spec), { once: true });
  }
  draw(isDark());
  // The font is in the page, but may be ready only after the first drawing.
  void document.fonts.ready.then(() => draw(isDark()));
}
