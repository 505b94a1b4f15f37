import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Inter (SIL Open Font License), Latin, all weights: about 48 kB of WOFF2; `undefined` when not installed. */
export function fontFile(): string | undefined {
  try {
    return require.resolve("@fontsource-variable/inter/files/inter-latin-wght-normal.woff2");
  } catch {
    return undefined;
  }
}

/** The font as a CSS rule that needs no request; empty when not installed. */
export function fontFace(): string {
  const file = fontFile();
  if (file === undefined) return "";
  const data = readFileSync(file).toString("base64");
  return `@font-face{font-family:"Inter Variable";font-weight:100 900;font-display:block;src:url(data:font/woff2;base64,${data}) format("woff2")}`;
}
