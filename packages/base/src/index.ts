export * from "./bytes.ts";
export * from "./clock.ts";
export * from "./deadline.ts";
export * from "./errors.ts";
export * from "./random.ts";
export * from "./units.ts";
export * from "./virtual-clock.ts";
