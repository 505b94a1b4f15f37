export { benchmarkSchema } from "./benchmark-file.ts";
export { coalitionSchema } from "./coalition/coalition-file.ts";
export { runProgram } from "./program.ts";
export { trainingSchema } from "./train/training-file.ts";
