import { execFile } from "node:child_process";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium as playwright } from "playwright-core";

/** Where the unpacked browser is kept between runs. */
const home = join(tmpdir(), "sheaf-chromium-143.0.4");

/** Flags for a cloud function: one process for everything dies with its first page. */
const unwanted = ["--single-process", "--no-zygote", "--in-process-gpu", "--disable-web-security"];

/**
 * A headless Chromium from npm alone. The package brings the shared libraries that a bare machine
 * lacks, but unpacks them only where it believes to be on a cloud function: so it is told that.
 */
export async function launchBrowser(): Promise<Browser> {
  if (!(await exists(join(home, "chromium")))) await unpack();
  const { default: chromium } = await import("@sparticuz/chromium");
  const args = chromium.args.filter((flag) => !unwanted.includes(flag));
  const options = { executablePath: join(home, "chromium"), args, headless: true };
  const plain = { ...environment(), FONTCONFIG_FILE: await fontConfig() };
  try {
    return await playwright.launch({ ...options, env: plain });
  } catch {
    const libraries = join(home, "al2023", "lib");
    return await playwright.launch({ ...options, env: { ...plain, LD_LIBRARY_PATH: libraries } });
  }
}

/**
 * Where the browser finds the font that it was unpacked with: its own configuration names folders of a cloud
 * function only, and without any font no text is drawn, not even in the page's own font.
 */
async function fontConfig(): Promise<string> {
  const file = join(home, "fonts.conf");
  if (await exists(file)) return file;
  const text = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>${join(home, "fonts")}</dir><cachedir>${join(home, "fonts-cache")}</cachedir></fontconfig>
`;
  await writeFile(`${file}.${process.pid}`, text);
  await rename(`${file}.${process.pid}`, file);
  return file;
}

/** Unpacks in a process of its own, into a folder of its own, so that two test processes do not meet. */
async function unpack(): Promise<void> {
  const folder = `${home}.${process.pid}`;
  await mkdir(folder, { recursive: true });
  const script =
    'const { default: chromium } = await import("@sparticuz/chromium"); await chromium.executablePath();';
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", script], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: "nodejs20.x" },
  });
  await rename(folder, home).catch(() => rm(folder, { recursive: true, force: true }));
}

function environment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== undefined)) as Record<
    string,
    string
  >;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
