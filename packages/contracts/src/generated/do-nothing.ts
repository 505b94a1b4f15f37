// Made by scripts/build.mjs from solidity/. Do not edit.
import type { ContractArtifact } from "../artifact.ts";

export const doNothingContract = {
  name: "DoNothing",
  compiler: "solc 0.8.37+commit.f401782d.Emscripten.clang",
  abi: [{"inputs":[],"name":"doNothing","outputs":[],"stateMutability":"nonpayable","type":"function"}],
  bytecode: "0x6080604052348015600e575f5ffd5b50603980601a5f395ff3fe6080604052348015600e575f5ffd5b50600436106026575f3560e01c80632f576f2014602a575b5f5ffd5b00fea164736f6c6343000825000a",
  deployedBytecode: "0x6080604052348015600e575f5ffd5b50600436106026575f3560e01c80632f576f2014602a575b5f5ffd5b00fea164736f6c6343000825000a",
  codeHash: "0x5938d965eac6d2fb70dfd1d4397978e38ea9c108108c1474e3cdb3e7f2d32b07",
} as const satisfies ContractArtifact;
