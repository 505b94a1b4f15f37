export * from "./formation/formation.ts";
export * from "./game/coalition-game.ts";
export * from "./stability/checks.ts";
