import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { examineMachine } from "./commands/doctor.ts";
import { listBenchmarks } from "./commands/list.ts";
import { networkDownCommand, networkStatusCommand, networkUpCommand } from "./commands/network.ts";
import { reportCommand } from "./commands/report.ts";
import { type RunCommandFlags, runCommand } from "./commands/run.ts";
import { describeFailure, EXIT } from "./terminal/exit.ts";

export interface ProgramOutput {
  readonly out: (line: string) => void;
  readonly err: (line: string) => void;
}

/** Runs the command line `words` (without node and script) and gives the exit code. */
export async function runProgram(words: readonly string[], { out, err }: ProgramOutput): Promise<number> {
  let code: number = EXIT.ok;
  const program = createProgram(out, (result) => {
    code = result;
  });
  program
    .exitOverride()
    .configureOutput({ writeOut: (text) => out(text.trimEnd()), writeErr: (text) => err(text.trimEnd()) });
  for (const command of program.commands) inheritOutput(program, command);
  try {
    await program.parseAsync([...words], { from: "user" });
    return code;
  } catch (error) {
    // Commander has printed its own message: help, version, or what is wrong with the words.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.badInput;
    const { line, exitCode } = describeFailure(error);
    err(`bench: ${line}`);
    return exitCode;
  }
}

function inheritOutput(parent: Command, command: Command): void {
  command.copyInheritedSettings(parent);
  for (const child of command.commands) inheritOutput(command, child);
}

function createProgram(out: (line: string) => void, exit: (code: number) => void): Command {
  const require = createRequire(import.meta.url);
  const { version } = require("../package.json") as { readonly version: string };
  const program = new Command("bench")
    .description("Launches consortium chains, loads them, measures them and reports.")
    .version(version)
    .showHelpAfterError("(bench --help lists the commands)");

  program
    .command("run")
    .description("run a benchmark of benchmarks/, or a benchmark file")
    .argument("<name|file>", "see: bench list")
    .option("--tx <n>", "logical transactions of each arm")
    .option("--rate <r>", "open loop: transactions a second, over all chains together")
    .option("--arrivals <process>", "of an open loop: constant or poisson")
    .option("--window <w>", "at most w transactions in flight, over all chains together")
    .option("--chains <k>", "sub-chains of the candidate arm")
    .option("--validators <n>", "validators of each chain")
    .option("--workload <w>", "token, record, transfer, do-nothing, cpu-heavy or io-heavy")
    .option("--input <file.csv>", "rows of a file as records")
    .option("--seed <text>", "the same seed makes the same keys and transactions")
    .option("--only <arm>", "run one arm")
    .option("--repetitions <n>", "run each arm n times and report the median")
    .option("--idle-control", "also load one chain while the others are idle")
    .option("--out <dir>", "folder of the run")
    .option("--json", "print one JSON object, last on standard output")
    .action(async (name: string, flags: RunCommandFlags) => exit(await runCommand(name, flags, out)));

  program
    .command("list")
    .description("list the benchmarks and the claim each tests")
    .option("--json", "as JSON")
    .action((flags: { readonly json?: boolean }) => listBenchmarks(out, flags.json === true));

  program
    .command("report")
    .description("make a run's report again from its rows")
    .argument("<run>", "folder of a run, or its name below reports/")
    .option("--csv", "also write the rows as CSV")
    .option("--json", "print the summary as JSON")
    .action((run: string, flags: { readonly csv?: boolean; readonly json?: boolean }) =>
      reportCommand(run, flags, out),
    );

  program
    .command("doctor")
    .description("check this machine")
    .option("--json", "as JSON")
    .action(async (flags: { readonly json?: boolean }) => {
      const findings = await examineMachine();
      if (flags.json === true) out(JSON.stringify(findings));
      else for (const { level, check, found } of findings) out(`${level.padEnd(4)}  ${check}: ${found}`);
      if (findings.some((finding) => finding.level === "fail")) exit(EXIT.badInput);
    });

  addNetworkCommands(program, out);
  return program;
}

function addNetworkCommands(program: Command, out: (line: string) => void): void {
  const network = program
    .command("network")
    .description("start a network and leave it running for other tools");
  network
    .command("up")
    .argument("<file>", "a topology, such as networks/single-chain.yaml")
    .description("start a network; one that was up before goes on with its chains")
    .option("--name <name>", "its name; default the file's")
    .option("--fresh", "begin new chains")
    .option("--chains <k>", "number of identical chains")
    .option("--validators <n>", "validators of each chain")
    .option("--json", "as JSON")
    .action((file: string, flags: object) => networkUpCommand(file, flags, out));
  network
    .command("status")
    .argument("[name]")
    .description("heights, peers and addresses of a network, or of all")
    .option("--json", "as JSON")
    .action((name: string | undefined, flags: { readonly json?: boolean }) =>
      networkStatusCommand(name, flags, out),
    );
  network
    .command("down")
    .argument("[name]")
    .description("end a network")
    .option("--remove", "also remove its data")
    .action((name: string | undefined, flags: { readonly remove?: boolean }) =>
      networkDownCommand(name, flags, out),
    );
}
