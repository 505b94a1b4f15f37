/** A decoded RLP item; byte strings are views of the input. */
export type RlpItem = Uint8Array | readonly RlpItem[];

/** The deepest nesting and the most items of any message; more is refused [CODEC.4]. */
const MAX_DEPTH = 5;
const MAX_ITEMS = 8192;

/**
 * The one RLP item that `bytes` is, or `undefined`: strict (shortest forms only, nothing behind the
 * item), bounded in depth and items, and without a copy. A library's decoder copies what it nests and
 * recurses as deep as the sender likes.
 */
export function readRlp(bytes: Uint8Array): RlpItem | undefined {
  const budget = { items: MAX_ITEMS };
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = readItem(view, 0, view.length, MAX_DEPTH, budget);
  return read?.end === view.length ? read.item : undefined;
}

interface Read {
  readonly item: RlpItem;
  readonly end: number;
}

function readItem(
  bytes: Uint8Array,
  start: number,
  limit: number,
  depth: number,
  budget: { items: number },
): Read | undefined {
  const header = readHeader(bytes, start, limit);
  budget.items -= 1;
  if (header === undefined || budget.items < 0) return undefined;
  const { list, from, end } = header;
  if (!list) return { item: bytes.subarray(from, end), end };
  if (depth === 0) return undefined;
  const items: RlpItem[] = [];
  let at = from;
  while (at < end) {
    const read = readItem(bytes, at, end, depth - 1, budget);
    if (read === undefined) return undefined;
    items.push(read.item);
    at = read.end;
  }
  return { item: items, end };
}

interface Header {
  readonly list: boolean;
  /** Where the content begins and ends. */
  readonly from: number;
  readonly end: number;
}

function readHeader(bytes: Uint8Array, start: number, limit: number): Header | undefined {
  if (start >= limit) return undefined;
  const first = bytes[start] as number;
  if (first < 0x80) return { list: false, from: start, end: start + 1 };
  const list = first >= 0xc0;
  const short = first - (list ? 0xc0 : 0x80);
  if (short <= 55) {
    const from = start + 1;
    const end = from + short;
    if (end > limit) return undefined;
    const shouldBeBare = !list && short === 1 && (bytes[from] as number) < 0x80;
    return shouldBeBare ? undefined : { list, from, end };
  }
  const from = start + 1 + (short - 55);
  if (from > limit || bytes[start + 1] === 0) return undefined;
  let length = 0;
  for (let at = start + 1; at < from; at++) length = length * 256 + (bytes[at] as number);
  const end = from + length;
  return length <= 55 || end > limit ? undefined : { list, from, end };
}
