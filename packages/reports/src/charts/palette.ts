import type { ChartTheme } from "./chart-spec.ts";

/** The page's font, and what stands in for it. */
export const fontStack =
  '"Inter Variable", Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

/** After Okabe and Ito (2008): told apart with every common kind of colour blindness. */
export const lightTheme: ChartTheme = {
  text: "#1c2127",
  muted: "#5c6670",
  grid: "#e6e8ea",
  surface: "#ffffff",
  band: "rgba(92, 102, 112, 0.07)",
  alert: "#b3261e",
  font: fontStack,
  colors: {
    c1: "#0068ad",
    c2: "#d55e00",
    c3: "#009e73",
    c4: "#b0558c",
    c5: "#4fa8de",
    c6: "#c08600",
    muted: "#5c6670",
  },
};

export const darkTheme: ChartTheme = {
  text: "#e8eaed",
  muted: "#9ba5b0",
  grid: "#2b3038",
  surface: "#171b21",
  band: "rgba(155, 165, 176, 0.09)",
  alert: "#ff8a80",
  font: fontStack,
  colors: {
    c1: "#4f9fe0",
    c2: "#ff8f4d",
    c3: "#35c79b",
    c4: "#e39bc6",
    c5: "#8fcbf5",
    c6: "#efbc4b",
    muted: "#9ba5b0",
  },
};
