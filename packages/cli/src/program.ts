import { createRequire } from "node:module";
import { Command, CommanderError } from "commander";
import { type AgentFlags, agentCommand } from "./commands/agent.ts";
import { type CoalitionCommandFlags, coalitionCommand } from "./commands/coalition.ts";
import { examineMachine } from "./commands/doctor.ts";
import { listBenchmarks } from "./commands/list.ts";
import {
  type BrokerFlags,
  brokerCommand,
  deployCommand,
  encodingCommand,
  keyCommand,
  type LicenceFlags,
  licenceCommand,
  type ModelFlags,
  modelCommand,
  tradesCommand,
} from "./commands/market.ts";
import { networkDownCommand, networkStatusCommand, networkUpCommand } from "./commands/network.ts";
import { reportCommand } from "./commands/report.ts";
import { type RunCommandFlags, runCommand } from "./commands/run.ts";
import { type TrainCommandFlags, trainCommand } from "./commands/train.ts";
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
  program.exitOverride().configureOutput({
    writeOut: (text) => out(text.trimEnd()),
    writeErr: (text) => err(text.trimEnd()),
    outputError: () => {}, // said below, in one line
  });
  for (const command of program.commands) inheritOutput(program, command);
  try {
    await program.parseAsync([...words], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return EXIT.ok;
      if (error.code !== "commander.help") err(`bench: ${misread(error)}`); // else the help is there
      return EXIT.badInput;
    }
    const { line, exitCode } = describeFailure(error);
    err(`bench: ${line}`);
    return exitCode;
  }
}

/** What is wrong with the words, in one line. */
function misread({ message }: CommanderError): string {
  const text = message
    .replace(/^error: /, "")
    .replaceAll("\n", " ")
    .replace("(Did", "(did")
    .replace(/\.$/, "");
  return `${text}; bench --help lists the commands`;
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
    .version(version);

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

  addTrainCommand(program, out, exit);
  addCoalitionCommand(program, out, exit);
  addAgentCommand(program, exit);
  addMarketCommands(program, out);

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

/** For a flag that may be given several times. */
function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function addCoalitionCommand(
  program: Command,
  out: (line: string) => void,
  exit: (code: number) => void,
): void {
  program
    .command("coalition")
    .description("form coalitions of miners by merge and split, verify, compare, and run them on a chain")
    .argument("[name|file]", "a coalition game of benchmarks/, or a file", "coalition")
    .option("--miners <n>", "miners that play")
    .option("--workers <n>", "most workers that a miner picks")
    .option("--reward <tokens>", "R: what the network gives in an epoch")
    .option("--synergy <exponent>", "exponent of the value of a coalition's distinct data")
    .option("--split <rule>", "proportional or equal: how members share")
    .option("--link-cost <tokens>", "what a link to another member costs in an epoch")
    .option("--distance-cost <tokens>", "the same for each km of it")
    .option("--table <file>", "JSON or CSV of a characteristic function, in place of the sensing game")
    .option("--merge-width <n|any>", "most coalitions that merge at once")
    .option("--split-parts <n>", "two or any: into how many parts a coalition may split")
    .option("--seeds <n>", "scenarios to compare over; 0 for none")
    .option("--no-sweeps", "leave the sweeps out")
    .option("--chain", "run the coalitions on a real chain, one validator a miner")
    .option("--no-chain", "leave the chain out")
    .option("--epochs <n>", "epochs on the chain")
    .option("--epoch-blocks <n>", "blocks of an epoch")
    .option("--network <file>", "a topology with one chain, for the chain's times and limits")
    .option("--leave <epoch:miner>", "a miner, as m06 or by its place from 0, leaves its coalition", collect)
    .option(
      "--cheat <epoch:miner>",
      "a miner, as m06 or by its place from 0, reports data that it has not",
      collect,
    )
    .option("--seed <text>", "the same seed makes the same scenario, order and keys")
    .option("--out <dir>", "folder of the run")
    .option("--json", "print one JSON object, last on standard output")
    .action(async (name: string, flags: CoalitionCommandFlags) =>
      exit(await coalitionCommand(name, flags, out)),
    );
}

function addTrainCommand(program: Command, out: (line: string) => void, exit: (code: number) => void): void {
  program
    .command("train")
    .description("train a model across data owners who never show their data, paid on chain")
    .argument("[name|file]", "a training of benchmarks/, or a training file", "digits")
    .option("--owners <n>", "data owners of each job")
    .option("--rounds <n>", "most rounds")
    .option("--cohort <n|all>", "owners asked in each round")
    .option("--privacy <mode>", "none, secagg, dp, secagg+dp or paillier")
    .option("--group-size <n|cohort>", "members of one secret sum")
    .option("--epsilon <e>", "privacy budget of a job")
    .option("--noise <z>", "noise multiplier of differential privacy")
    .option("--model <m>", "softmax, linear, mlp:64,32, cnn:8,16 or a LayersModel's .json")
    .option("--data <file>", "CSV or Parquet file, or digits")
    .option("--label <column>", "the column that is to be predicted")
    .option("--partition <p>", "iid, shards:2, dirichlet:0.5 or column:NAME")
    .option("--optimiser <o>", "fedavg, fedsgd, fedprox or fedadam")
    .option("--local-epochs <n>", "passes of an owner over its data in a round")
    .option("--batch <n>", "samples of a batch")
    .option("--lr <rate>", "learning rate of the owners")
    .option("--aggregation <rule>", "mean, median, trimmed-mean:0.2, krum:1 or multi-krum:1,2")
    .option("--contribution <method>", "participation, leave-one-out, shapley, truncated-monte-carlo or gtg")
    .option("--attack <kind:n>", "owners that misbehave: label-flip, sign-flip, scaling, free-rider", collect)
    .option("--vanish <phase:round:n>", "kill n owners in keys, shares, train, confirm or unmask", collect)
    .option("--kill-analyst <round:phase>", "kill the analyst that holds the job")
    .option("--jobs <n>", "jobs on each chain at once")
    .option("--chains <k>", "sub-chains, a market on each")
    .option("--price <wei>", "what the consumer locks for a job")
    .option("--broker <url>", "a broker that runs already, instead of the embedded one")
    .option("--network <file>", "a topology whose validators are the analysts")
    .option("--seed <text>", "the same seed makes the same data, keys and draws")
    .option("--out <dir>", "folder of the run")
    .option("--json", "print one JSON object, last on standard output")
    .action(async (name: string, flags: TrainCommandFlags) => exit(await trainCommand(name, flags, out)));
}

function addAgentCommand(program: Command, exit: (code: number) => void): void {
  program
    .command("agent")
    .description("run one agent of a market on this machine, until it is ended")
    .argument("<role>", "owner, analyst or consumer")
    .requiredOption("--rpc <url>", "JSON-RPC endpoint of the chain")
    .requiredOption("--market <address>", "the market contract")
    .requiredOption("--broker <url>", "mqtt:// or mqtts:// address of the broker")
    .requiredOption("--key <file>", "file with the agent's private key")
    .option("--data <file>", "samples: CSV, Parquet, or Sheaf's own format")
    .option("--label <column>", "the column that is to be predicted, in a table")
    .option("--encoding <file>", "JSON: how the study's columns become numbers")
    .option("--training <name|file>", "consumer: what to ask for, a training of benchmarks/ or a file")
    .option("--price <wei>", "consumer: what it pays")
    .option(
      "--privacy <mode>",
      "consumer: what it asks for; owner: what alone it takes part in (none, secagg, dp, secagg+dp or paillier)",
    )
    .option("--owners <n>", "consumer: most owners")
    .option("--user <name>", "user at the broker")
    .option("--password-file <file>", "file with the user's password")
    .option("--ca <file>", "PEM of the broker's authority")
    .option("--cert <file>", "PEM of this agent's certificate at the broker")
    .option("--cert-key <file>", "PEM of that certificate's key")
    .option("--policy <file>", "JSON: what the agent agrees to")
    .option("--state <dir>", "folder for the agent's state")
    .action(async (role: string, flags: AgentFlags) => exit(await agentCommand(role, flags)));
}

function addMarketCommands(program: Command, out: (line: string) => void): void {
  const market = program.command("market").description("set up a market for agents on many machines");
  const onChain = (command: Command): Command =>
    command
      .requiredOption("--rpc <url>", "JSON-RPC endpoint of the chain")
      .requiredOption("--market <address>", "the market contract");
  market
    .command("key")
    .argument("<file>", "a new file")
    .description("make an account and print its address")
    .action((file: string) => keyCommand(file, out));
  market
    .command("deploy")
    .description("deploy licences, market and reputation; prints their addresses as JSON")
    .requiredOption("--rpc <url>", "JSON-RPC endpoint of the chain")
    .requiredOption("--key <file>", "file with the authority's private key")
    .action((flags: { readonly rpc: string; readonly key: string }) => deployCommand(flags, out));
  for (const action of ["license", "revoke"] as const) {
    onChain(market.command(action))
      .argument("<role>", "owner, analyst or consumer")
      .argument("<address...>", "accounts")
      .description(action === "license" ? "license accounts to act in a role" : "take licences back")
      .requiredOption("--key <file>", "file with the authority's private key")
      .action((role: string, subjects: string[], flags: LicenceFlags) =>
        licenceCommand(action, role, subjects, flags, out),
      );
  }
  market
    .command("encoding")
    .argument("<file>", "a CSV or Parquet file of the study")
    .description("how its columns become numbers, as JSON: the same for all owners of the study")
    .requiredOption("--label <column>", "the column that is to be predicted")
    .option("--task <task>", "classification or regression; found from the values when left out")
    .action((file: string, flags: { readonly label: string }) => encodingCommand(file, flags, out));
  onChain(market.command("trades"))
    .description("every trade of the market, one JSON row a line")
    .action((flags: Omit<LicenceFlags, "key">) => tradesCommand(flags, out));
  market
    .command("model")
    .description("write the model that a consumer was delivered, as TensorFlow.js loads it")
    .requiredOption("--state <dir>", "the consumer's folder, as in bench agent consumer --state")
    .option("--job <n>", "the job's number on chain", "1")
    .option("--out <dir>", "folder for model.json and weights.bin", "model")
    .action((flags: ModelFlags) => modelCommand(flags, out));
  market
    .command("broker")
    .description("run the embedded broker for agents on other machines, until it is ended")
    .option("--port <n>", "port", "1883")
    .option("--host <address>", "interface to listen on; loopback when left out")
    .option("--user <name>", "user that may connect")
    .option("--password-file <file>", "file with the user's password")
    .option("--cert <file>", "PEM of the broker's certificate")
    .option("--cert-key <file>", "PEM of its key")
    .option("--ca <file>", "PEM: clients must show a certificate of this authority")
    .action((flags: BrokerFlags) => brokerCommand(flags, out));
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
