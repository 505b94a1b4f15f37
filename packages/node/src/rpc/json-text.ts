/** A result that is JSON text already. */
export interface JsonText {
  readonly [TEXT]: string;
}

const TEXT = Symbol("json text");

export function jsonText(text: string): JsonText {
  return { [TEXT]: text };
}

/** The JSON of a method's result; nothing is null. */
export function resultToJson(result: unknown): string {
  if (typeof result === "object" && result !== null && TEXT in result) return (result as JsonText)[TEXT];
  return JSON.stringify(result) ?? "null";
}
