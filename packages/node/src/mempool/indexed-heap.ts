/** A binary heap whose items can be moved or taken out wherever they are. */
export interface IndexedHeap<T> {
  /** Heap order: the first comes before all others; the children of `i` are `2i + 1` and `2i + 2`. */
  readonly items: readonly T[];
  push(item: T): void;
  /** Removes and returns the first. */
  pop(): T | undefined;
  /** Puts the item at `index` where it belongs after its rank changed. */
  update(index: number): void;
  remove(index: number): void;
}

/**
 * A heap ordered by `before`. `place` is told every index that an item gets, and -1 when it leaves,
 * so that items know where they are.
 */
export function createIndexedHeap<T>(
  before: (a: T, b: T) => boolean,
  place: (item: T, index: number) => void = () => {},
): IndexedHeap<T> {
  const items: T[] = [];

  function put(item: T, index: number): void {
    items[index] = item;
    place(item, index);
  }

  function rise(item: T, from: number): void {
    let index = from;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = items[parent] as T;
      if (!before(item, above)) break;
      put(above, index);
      index = parent;
    }
    put(item, index);
  }

  function sink(item: T, from: number): void {
    let index = from;
    for (;;) {
      const left = 2 * index + 1;
      if (left >= items.length) break;
      const right = left + 1;
      const child = right < items.length && before(items[right] as T, items[left] as T) ? right : left;
      const below = items[child] as T;
      if (!before(below, item)) break;
      put(below, index);
      index = child;
    }
    put(item, index);
  }

  function settle(item: T, index: number): void {
    const parent = items[(index - 1) >> 1];
    if (index > 0 && parent !== undefined && before(item, parent)) rise(item, index);
    else sink(item, index);
  }

  function remove(index: number): void {
    const last = items.pop() as T;
    if (index === items.length) {
      place(last, -1);
      return;
    }
    place(items[index] as T, -1);
    settle(last, index);
  }

  return {
    items,
    push(item) {
      items.push(item);
      rise(item, items.length - 1);
    },
    pop() {
      const first = items[0];
      if (first !== undefined) remove(0);
      return first;
    },
    update: (index) => settle(items[index] as T, index),
    remove,
  };
}
