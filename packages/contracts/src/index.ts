export * from "./artifact.ts";
export * from "./expected.ts";
export { cpuHeavyContract } from "./generated/cpu-heavy.ts";
export { doNothingContract } from "./generated/do-nothing.ts";
export { ioHeavyContract } from "./generated/io-heavy.ts";
export { recordContract } from "./generated/record.ts";
export { tokenContract } from "./generated/token.ts";
