export { type BlockSeals, certificateToBytes, parseCertificate } from "./commit-certificate.ts";
export { type NodeFiles, readNodeFiles } from "./node-files.ts";
export type * from "./ports.ts";
export { startValidator, type Validator, type ValidatorPorts } from "./validator.ts";
