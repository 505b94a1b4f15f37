import { type DuckDBListValue, listValue } from "@duckdb/node-api";
import type { BlockEvent, ProcessRole, ProcessSample, RunData } from "@sheaf/measure";
import { type ParquetColumn, readParquet, writeParquet } from "./parquet.ts";

interface Owned<Event> {
  readonly armIndex: number;
  readonly event: Event;
}

const blockColumns: readonly ParquetColumn<Owned<BlockEvent>>[] = [
  { name: "arm_index", type: "int", value: (r) => r.armIndex },
  { name: "chain", type: "int", value: (r) => r.event.chain },
  { name: "number", type: "int", value: (r) => r.event.number },
  { name: "hash", type: "text", value: (r) => r.event.hash },
  { name: "transactions", type: "int", value: (r) => r.event.transactions },
  { name: "gas_used", type: "double", value: (r) => r.event.gasUsed },
  { name: "gas_limit", type: "double", value: (r) => r.event.gasLimit },
  { name: "timestamp_ms", type: "double", value: (r) => r.event.timestampMs },
  { name: "proposer", type: "text", value: (r) => r.event.proposer },
  { name: "round", type: "int", value: (r) => r.event.round },
  { name: "size_bytes", type: "int", value: (r) => r.event.sizeBytes },
  { name: "seen_ms", type: "doubles", value: (r) => listValue([...r.event.seenMs]) },
];

const sampleColumns: readonly ParquetColumn<Owned<ProcessSample>>[] = [
  { name: "arm_index", type: "int", value: (r) => r.armIndex },
  { name: "time_ms", type: "double", value: (r) => r.event.timeMs },
  { name: "role", type: "text", value: (r) => r.event.role },
  { name: "chain", type: "int", value: (r) => r.event.chain },
  { name: "validator", type: "int", value: (r) => r.event.validator },
  { name: "cpu_cores", type: "double", value: (r) => r.event.cpuCores },
  { name: "rss_mb", type: "double", value: (r) => r.event.rssMb },
];

/** Writes the blocks of all arms, in order. */
export function writeBlocks(file: string, data: RunData): Promise<void> {
  return writeParquet(
    file,
    blockColumns,
    owned(data, (arm) => arm.blocks),
  );
}

/** Writes the CPU and memory samples of all arms, in order. */
export function writeSamples(file: string, data: RunData): Promise<void> {
  return writeParquet(
    file,
    sampleColumns,
    owned(data, (arm) => arm.samples),
  );
}

/** Reads the blocks back, by arm. */
export function readBlocks(file: string, arms: number): Promise<readonly BlockEvent[][]> {
  return readOwned(file, blockColumns, arms, (at) => ({
    chain: at("chain") as number,
    number: at("number") as number,
    hash: String(at("hash")),
    transactions: at("transactions") as number,
    gasUsed: at("gas_used") as number,
    gasLimit: at("gas_limit") as number,
    timestampMs: at("timestamp_ms") as number,
    proposer: at("proposer") as string | null,
    round: at("round") as number | null,
    sizeBytes: at("size_bytes") as number | null,
    seenMs: [...(at("seen_ms") as DuckDBListValue).items] as (number | null)[],
  }));
}

/** Reads the samples back, by arm. */
export function readSamples(file: string, arms: number): Promise<readonly ProcessSample[][]> {
  return readOwned(file, sampleColumns, arms, (at) => ({
    timeMs: at("time_ms") as number,
    role: at("role") as ProcessRole,
    chain: at("chain") as number | null,
    validator: at("validator") as number | null,
    cpuCores: at("cpu_cores") as number,
    rssMb: at("rss_mb") as number,
  }));
}

function* owned<Event>(
  data: RunData,
  eventsOf: (arm: RunData["arms"][number]) => readonly Event[],
): Generator<Owned<Event>> {
  for (const [armIndex, arm] of data.arms.entries()) {
    for (const event of eventsOf(arm)) yield { armIndex, event };
  }
}

async function readOwned<Event>(
  file: string,
  columns: readonly ParquetColumn<Owned<Event>>[],
  arms: number,
  restore: (at: (name: string) => unknown) => Event,
): Promise<readonly Event[][]> {
  const events = Array.from({ length: arms }, () => [] as Event[]);
  const names = columns.map(({ name }) => name);
  await readParquet(file, names, (chunk, rows) => {
    for (let row = 0; row < rows; row++) {
      const at = (name: string): unknown => chunk[names.indexOf(name)]?.[row] ?? null;
      events[at("arm_index") as number]?.push(restore(at));
    }
  });
  return events;
}
