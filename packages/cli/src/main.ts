import { runProgram } from "./program.ts";

// A reader that goes away (`bench list | head`, a terminal that is closed) ends no work: a run still writes its folder.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

process.exitCode = await runProgram(process.argv.slice(2), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
});
