export type * from "./config.ts";
export type * from "./inputs.ts";
export type * from "./messages.ts";
export type * from "./outputs.ts";
export type * from "./record.ts";
