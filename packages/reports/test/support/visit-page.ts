import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";

/** With SHEAF_SCREENSHOTS=folder, the pages are photographed for a person to look at. */
const album = process.env["SHEAF_SCREENSHOTS"];

export interface Look {
  readonly width: number;
  readonly colorScheme: "light" | "dark";
}

/** An open page, what its console said, and what it asked for. */
export interface Visit {
  readonly page: Page;
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
}

/** Opens a report's file as a reader would, waits until its charts are drawn, and lets `inspect` look at it. */
export async function visitPage(
  browser: Browser,
  file: string,
  look: Look & { readonly name: string },
  inspect: (visit: Visit) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 900 },
    colorScheme: look.colorScheme,
  });
  context.setDefaultTimeout(120_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => message.type() !== "info" && complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("request", (request) => requests.push(request.url()));
  const broken = new Promise<never>((_, reject) => page.once("pageerror", reject));
  await page.goto(pathToFileURL(file).href);
  await Promise.race([page.waitForSelector("html[data-charts=drawn]"), broken]);
  await page.evaluate("document.fonts.ready.then(() => new Promise((done) => requestAnimationFrame(done)))");
  if (album !== undefined) {
    await mkdir(album, { recursive: true });
    await photograph(page, join(album, `${look.name}-${look.colorScheme}-${look.width}`), look.width);
  }
  await inspect({ page, complaints, requests });
  await context.close();
}

/** The state of every font of the page: one that is not "loaded" leaves no text to look at. */
export const fontStates = "[...document.fonts].map(({ status }) => status)";

/** How far the page is wider than its window, CSS pixels. */
export const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

/** In pieces: a picture of more than 8,192 pixels would repeat itself. */
async function photograph(page: Page, path: string, width: number): Promise<void> {
  const height = 3000;
  await page.setViewportSize({ width, height });
  const total = (await page.evaluate("document.documentElement.scrollHeight")) as number;
  for (let y = 0; y < total; y += height) {
    await page.evaluate(`window.scrollTo({ top: ${y}, behavior: "instant" })`);
    await page.screenshot({ path: `${path}-${y / height}.png` });
  }
  await page.setViewportSize({ width, height: 900 });
}

/** How many different colours each canvas shows: one or two are an empty chart. */
export const canvasColors = `[...document.querySelectorAll("canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Set();
  for (let i = 0; i < data.length; i += 4) seen.add((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  return seen.size;
})`;

/** Texts whose contrast with the ground behind them is below 4.5 (WCAG 2 AA). */
export const lowContrast = `(() => {
  const parse = (color) => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => [r, g, b]
    .map((v) => v / 255).map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const groundOf = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = getComputedStyle(e).backgroundColor;
      const [, , , alpha = 1] = parse(color);
      if (alpha === 1 && color.startsWith("rgb")) return parse(color);
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll("main *, .topbar *")]
    .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim() !== ""))
    .filter((e) => e.checkVisibility())
    .flatMap((e) => {
      const [a, b] = [luminance(parse(getComputedStyle(e).color)), luminance(groundOf(e))];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      return ratio < 4.5 ? [e.textContent.trim().slice(0, 40) + " " + ratio.toFixed(2)] : [];
    });
})()`;
