import { darkTheme, lightTheme } from "../charts/palette.ts";
import { bootPage } from "./boot.ts";
import {
  buildChartConfig,
  formatPlace,
  formatValue,
  intervalPlugin,
  marksPlugin,
  toDataset,
  toScale,
} from "./chart-config.ts";

/** The page's own script: the client functions as source text, and the call that starts them. */
export function clientScript(): string {
  const functions = [
    formatValue,
    formatPlace,
    marksPlugin,
    intervalPlugin,
    toDataset,
    toScale,
    buildChartConfig,
    bootPage,
  ];
  const themes = JSON.stringify({ light: lightTheme, dark: darkTheme });
  return [
    "(() => {",
    '"use strict";',
    ...functions.map((definition) => definition.toString()),
    `bootPage({ Chart, buildChartConfig, formatPlace, themes: ${themes} });`,
    "})();",
  ].join("\n");
}
