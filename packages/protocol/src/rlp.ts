/** What RLP encodes: bytes, or a list of such items. */
export type RlpItem = Uint8Array | readonly RlpItem[];

/** Whether an item is there and is bytes. */
export const isBytes = (item: RlpItem | undefined): item is Uint8Array => item instanceof Uint8Array;

/** The deepest content there is: transaction, access list, entry, storage keys. */
const MAX_DEPTH = 4;

/** The densest content there is, an access list of bare addresses, has three items in 23 bytes. */
const MIN_BYTES_PER_ITEM = 7;

/** Items that any input may have, however short it is. */
const FREE_ITEMS = 1_024;

/** The one encoding of an item. */
export function encodeRlp(item: RlpItem): Uint8Array {
  const out = new Uint8Array(encodedLength(item));
  write(item, out, 0);
  return out;
}

/**
 * The item that `bytes` encode, its strings copied; `undefined` when they are not exactly the
 * encoding that `encodeRlp` gives (a prefix longer than needed, bytes left over or missing), or when
 * lists are deeper or items denser than any content of this project. Time and memory are linear in
 * `bytes`, whoever wrote them.
 */
export function decodeRlp(bytes: Uint8Array): RlpItem | undefined {
  const source: Source = {
    bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    at: 0,
    itemsLeft: FREE_ITEMS + Math.floor(bytes.length / MIN_BYTES_PER_ITEM),
  };
  const item = readItem(source, bytes.length, 0);
  return source.at === bytes.length ? item : undefined;
}

interface Source {
  readonly bytes: Uint8Array;
  at: number;
  itemsLeft: number;
}

function readItem(source: Source, end: number, depth: number): RlpItem | undefined {
  const first = source.bytes[source.at];
  if (first === undefined || source.at >= end || source.itemsLeft === 0) return undefined;
  source.itemsLeft -= 1;
  if (first < 0x80) return source.bytes.slice(source.at, ++source.at);
  source.at += 1;
  const isList = first >= 0xc0;
  const length = readLength(source, first - (isList ? 0xc0 : 0x80), end);
  if (length === undefined || length > end - source.at) return undefined;
  if (isList) return depth < MAX_DEPTH ? readList(source, source.at + length, depth + 1) : undefined;
  if (length === 1 && (source.bytes[source.at] as number) < 0x80) return undefined;
  source.at += length;
  return source.bytes.slice(source.at - length, source.at);
}

function readList(source: Source, end: number, depth: number): RlpItem | undefined {
  const items: RlpItem[] = [];
  while (source.at < end) {
    const item = readItem(source, end, depth);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

/** The length that a prefix announces; four bytes of it are more than any input has. */
function readLength(source: Source, short: number, end: number): number | undefined {
  if (short < 56) return short;
  const size = short - 55;
  if (size > 4 || size > end - source.at || source.bytes[source.at] === 0) return undefined;
  let length = 0;
  for (let i = 0; i < size; i++) length = length * 256 + (source.bytes[source.at++] as number);
  return length < 56 ? undefined : length;
}

function encodedLength(item: RlpItem): number {
  if (isSingleByte(item)) return 1;
  const length = payloadLength(item);
  return prefixLength(length) + length;
}

function payloadLength(item: RlpItem): number {
  if (isBytes(item)) return item.length;
  let length = 0;
  for (const each of item) length += encodedLength(each);
  return length;
}

const prefixLength = (length: number): number => (length < 56 ? 1 : 1 + byteLength(length));

const byteLength = (length: number): number => Math.ceil((32 - Math.clz32(length)) / 8);

const isSingleByte = (item: RlpItem): item is Uint8Array =>
  isBytes(item) && item.length === 1 && (item[0] as number) < 0x80;

/** Writes `item` at `at`; gives the place after it. */
function write(item: RlpItem, out: Uint8Array, at: number): number {
  if (isSingleByte(item)) {
    out[at] = item[0] as number;
    return at + 1;
  }
  const base = isBytes(item) ? 0x80 : 0xc0;
  let place = writePrefix(payloadLength(item), base, out, at);
  if (isBytes(item)) {
    out.set(item, place);
    return place + item.length;
  }
  for (const each of item) place = write(each, out, place);
  return place;
}

function writePrefix(length: number, base: number, out: Uint8Array, at: number): number {
  if (length < 56) {
    out[at] = base + length;
    return at + 1;
  }
  const size = byteLength(length);
  out[at] = base + 55 + size;
  for (let i = 0; i < size; i++) out[at + 1 + i] = Math.floor(length / 256 ** (size - 1 - i)) % 256;
  return at + 1 + size;
}
