import { createRequire } from "node:module";
import { fontFile } from "./font.ts";

let registered = false;

/** Gives the canvas that chartjs-node-canvas draws on our font: a machine without fonts would draw no text. */
export function registerFont(): void {
  const file = fontFile();
  if (registered || file === undefined) return;
  const require = createRequire(import.meta.url);
  const canvas = createRequire(require.resolve("chartjs-node-canvas"))("canvas") as {
    readonly GlobalFonts: { registerFromPath(path: string, family: string): unknown };
  };
  canvas.GlobalFonts.registerFromPath(file, "Inter Variable");
  registered = true;
}
