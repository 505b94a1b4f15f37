import { type Clock, CodedError } from "@sheaf/base";
import type { LauncherErrorDetail } from "../errors.ts";
import { type ChildProgram, type ProgramExit, spawnProgram } from "../process/child-program.ts";
import { lastProblem, readLogTail } from "../process/log-tail.ts";
import { layout } from "./layout.ts";
import type { PreparedValidator } from "./prepare-chain.ts";

/** Starts a validator, `node <program> <config.json>`, on the files that were prepared for it. */
export function spawnValidator(validator: PreparedValidator, program: string, clock: Clock): ChildProgram {
  const { chain, index, dir } = validator;
  return spawnProgram({
    title: `validator ${index} of ${chain}`,
    program,
    files: {
      config: layout.config(dir),
      stdout: layout.stdout(dir),
      log: layout.log(dir),
      process: layout.process(dir),
    },
    clock,
    failed: (exit) => validatorFailed(validator, exit),
  });
}

/** The error for a validator that ended though it should run. */
export function validatorFailed(
  { chain, index, dir }: PreparedValidator,
  { exitCode, signal }: ProgramExit,
): CodedError<LauncherErrorDetail> {
  const logTail = readLogTail(layout.log(dir));
  const how = signal === null ? `exit code ${exitCode ?? "unknown"}` : signal;
  return new CodedError(
    `validator ${index} of ${chain} ended (${how}): ${lastProblem(logTail) ?? "no error in its log"}`,
    { code: "VALIDATOR_FAILED", chain, index, exitCode, signal, logTail },
    { advice: `read its log, ${layout.log(dir)}` },
  );
}
