/** A number with a unit: assignable to `number`, but a plain number is not assignable to it. */
export type Unit<Base, Name extends string> = Base & { readonly __unit?: Name };

/** Milliseconds, fractions allowed. */
export type Millis = Unit<number, "ms">;
/** Events a second. */
export type PerSecond = Unit<number, "1/s">;
/** Bytes. */
export type ByteCount = Unit<number, "byte">;
/** The smallest unit of a chain's currency. */
export type Wei = Unit<bigint, "wei">;
/** EVM gas. */
export type Gas = Unit<bigint, "gas">;
/** Lower-case hexadecimal with the prefix `0x`. */
export type Hex = `0x${string}`;
