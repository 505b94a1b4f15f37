import type { ChartTheme } from "../charts/chart-spec.ts";
import { darkTheme, fontStack, lightTheme } from "../charts/palette.ts";

function variables(theme: ChartTheme, page: Readonly<Record<string, string>>): string {
  const colors = Object.entries(theme.colors).map(([name, value]) => `--${name}:${value}`);
  const rest = Object.entries({
    text: theme.text,
    muted: theme.muted,
    line: theme.grid,
    surface: theme.surface,
    ...page,
  });
  return [...colors, ...rest.map(([name, value]) => `--${name}:${value}`)].join(";");
}

const light = variables(lightTheme, {
  ground: "#f6f7f8",
  sunken: "#eef0f2",
  accent: "#005a96",
  good: "#00694c",
  "good-ground": "#e2f3ec",
  warning: "#7a5200",
  "warning-ground": "#fbf0d9",
  alert: "#a3221b",
  "alert-ground": "#fbe7e5",
});

const dark = variables(darkTheme, {
  ground: "#0f1216",
  sunken: "#1f242b",
  accent: "#7dbcf0",
  good: "#5fd9b0",
  "good-ground": "#12312a",
  warning: "#f0c36a",
  "warning-ground": "#352a12",
  alert: "#ffa59d",
  "alert-ground": "#3d1d1b",
});

/** Colours of both themes: the system's choice, unless the reader has chosen. */
export const themeCss = `
:root{${light};color-scheme:light}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${dark};color-scheme:dark}}
:root[data-theme=dark]{${dark};color-scheme:dark}
@media print{:root,:root[data-theme=dark],:root:not([data-theme=light]){${light};color-scheme:light}}
body{font-family:${fontStack}}
`;
