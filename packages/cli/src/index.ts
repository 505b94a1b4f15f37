export { benchmarkSchema } from "./benchmark-file.ts";
export { runProgram } from "./program.ts";
