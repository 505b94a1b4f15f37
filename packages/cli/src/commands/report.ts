import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { exportCsv, renderReport } from "@sheaf/reports";
import { layout } from "../layout.ts";
import { describeSummary } from "../terminal/describe-summary.ts";

/** `bench report RUN`: a folder, or the name of one below `reports/`. Makes everything derived again. */
export async function reportCommand(
  run: string,
  flags: { readonly csv?: boolean; readonly json?: boolean },
  write: (line: string) => void,
): Promise<void> {
  const named = join(layout.reports, run);
  const isNamed = await access(named).then(
    () => true,
    () => false,
  );
  const dir = isNamed && !run.includes("/") ? named : resolve(run);
  const summary = { ...(await renderReport(dir)), dir };
  if (flags.csv === true) write(`rows: ${await exportCsv(dir)}`);
  if (flags.json === true) write(JSON.stringify(summary));
  else for (const line of describeSummary(summary)) write(line);
}
