import type { Hex } from "@sheaf/base";
import { GenerationCache } from "../state/generation-cache.ts";
import { programOf } from "./interpreter/instruction-table.ts";
import type { Program } from "./interpreter/program.ts";

/** Decoded contracts, at most twice this many; each takes some ten times the size of its code. */
const PROGRAMS = 64;

/** Programs by code hash: a contract is decoded once for all its calls. */
export interface ProgramCache {
  get(codeHash: Hex, code: Uint8Array): Program;
}

export function createProgramCache(): ProgramCache {
  const programs = new GenerationCache<Hex, Program>(PROGRAMS);
  return {
    get(codeHash, code) {
      let program = programs.get(codeHash);
      if (program === undefined) {
        program = programOf(code);
        programs.set(codeHash, program);
      }
      return program;
    },
  };
}
