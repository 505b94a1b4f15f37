/** Values by block number, as many as weigh at most `limit` together; always the last one set. */
export class RecentBlocks<Value> {
  readonly #limit: number;
  readonly #values = new Map<number, { readonly value: Value; readonly weight: number }>();
  #weight = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(number: number): Value | undefined {
    return this.#values.get(number)?.value;
  }

  set(number: number, value: Value, weight: number): void {
    this.#drop(number);
    this.#values.set(number, { value, weight });
    this.#weight += weight;
    for (const oldest of this.#values.keys()) {
      if (this.#weight <= this.#limit || oldest === number) return;
      this.#drop(oldest);
    }
  }

  #drop(number: number): void {
    this.#weight -= this.#values.get(number)?.weight ?? 0;
    this.#values.delete(number);
  }
}
