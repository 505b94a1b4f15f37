import type { ChartConfiguration, Plugin } from "chart.js";
import { ChartJSNodeCanvas } from "chartjs-node-canvas";
import { buildChartConfig } from "../client/chart-config.ts";
import type { ChartSpec, ChartTheme } from "./chart-spec.ts";
import { lightTheme } from "./palette.ts";
import { registerFont } from "./register-font.ts";

/** CSS pixels; the picture has twice as many. */
const size = { width: 1000, height: 520 };
const pixelRatio = 2;

/** Draws charts into PNG files, without a browser. */
export interface PngRenderer {
  /** The bytes of a 2000 x 1040 picture on a light ground, with its title. */
  render(spec: ChartSpec): Uint8Array;
}

/** A renderer; one is enough for any number of charts. */
export function createPngRenderer(): PngRenderer {
  registerFont();
  const canvas = new ChartJSNodeCanvas(size);
  return {
    render: (spec) => canvas.renderToBufferSync(withTitle(spec, lightTheme)),
  };
}

function withTitle(spec: ChartSpec, theme: ChartTheme): ChartConfiguration {
  const config = buildChartConfig(spec, theme);
  return {
    ...config,
    plugins: [background(theme.surface), ...(config.plugins ?? [])],
    options: {
      ...config.options,
      responsive: false,
      devicePixelRatio: pixelRatio,
      layout: { padding: { top: 20, right: 28, bottom: 16, left: 20 } },
      plugins: {
        ...config.options?.plugins,
        title: {
          display: true,
          text: spec.title,
          align: "start",
          color: theme.text,
          font: { family: theme.font, size: 19, weight: 600 },
          padding: { bottom: 6 },
        },
      },
    },
  };
}

function background(color: string): Plugin {
  return {
    id: "background",
    beforeDraw({ ctx, width, height }) {
      ctx.save();
      ctx.fillStyle = color;
      ctx.fillRect(0, 0, width, height);
      ctx.restore();
    },
  };
}
