/** Where a chain store keeps its bytes: one table of keys and values, written in atomic batches. */
export interface ByteStore {
  /** For error messages: the path. */
  readonly at: string;
  readonly isEmpty: boolean;
  get(key: Uint8Array): Uint8Array | undefined;
  /**
   * All of what `work` puts and removes, or nothing. On return it survives what the store was opened
   * for. Raises `STORAGE_FAILED`.
   */
  write(work: (batch: ByteBatch) => void): void;
  close(): Promise<void>;
}

export interface ByteBatch {
  put(key: Uint8Array, value: Uint8Array): void;
  remove(key: Uint8Array): void;
}
