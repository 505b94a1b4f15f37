import { asBuffer, bytesToHex, utf8 } from "@sheaf/base";
import {
  addToTally,
  emptyTally,
  type Reading,
  readingDigest,
  recordContract,
  type Tally,
} from "@sheaf/contracts";
import type { Warning } from "@sheaf/measure";
import { keccak256 } from "@sheaf/protocol";
import type { Readings } from "../records/readings.ts";
import { pages, selectorOf, viewProbe, writeWord } from "./contract-calls.ts";
import type { ChainFacts, Route, StateProbe, Workload, WorkloadInput } from "./workload.ts";

const devicesPerProbe = 100;

/**
 * Readings of IoT devices put on chain: device, kind, hash of the value, the device's time. When
 * there are more transactions than readings, the readings are gone through again from the start.
 */
export function createRecordWorkload(
  { count, accounts }: WorkloadInput,
  source: { readonly readings: Readings; readonly input: string | null },
): Workload {
  const { readings, input } = source;
  const selector = selectorOf(recordContract, "record");
  const devices = readings.devices.map((name) => keccak256(utf8(name)));

  function readingAt(index: number): number {
    return index % readings.length;
  }

  function routeKey(index: number, route: Route): number {
    if (route === "sender") return index % accounts.count;
    const reading = readingAt(index);
    if (route === "application") return readings.kind[reading] as number;
    return asBuffer(devices[readings.device[reading] as number] as Uint8Array).readUInt32BE(0);
  }

  function writeData(index: number, data: Uint8Array): void {
    const reading = readingAt(index);
    data.set(selector);
    data.set(devices[readings.device[reading] as number] as Uint8Array, 4);
    writeWord(data, 36, readings.kind[reading] as number);
    data.set(readings.valueHash.subarray(reading * 32, reading * 32 + 32), 68);
    writeWord(data, 100, readings.timestampMs[reading] as number);
  }

  return {
    name: "record",
    description: `readings of ${readings.devices.length} devices, ${input === null ? "generated" : "from a file"}`,
    count,
    accounts,
    contract: recordContract,
    gasLimit: 118_000,
    dataLength: 132,
    payment: undefined,
    input,
    warnings: cycleWarning(count, readings, input),
    stateDescription: "the number and the checksum of all readings and of the readings of each device",
    routeKey,
    writeData,
    setUpCalls: () => [],
    probes: (facts) => recordProbes(facts, readings, devices),
  };
}

function cycleWarning(count: number, readings: Readings, input: string | null): readonly Warning[] {
  if (input === null || count <= readings.length) return [];
  const message = `${input} has ${readings.length} rows for ${count} transactions: rows were used again from the start`;
  return [{ code: "INPUT_CYCLED", message, timeMs: null }];
}

function recordProbes(
  { contract, committed }: ChainFacts,
  readings: Readings,
  devices: readonly Uint8Array[],
): readonly StateProbe[] {
  const digests = new Map<number, Uint8Array>();
  const tallies = new Map<number, Tally>();
  let total = emptyTally;
  for (const index of committed) {
    const reading = index % readings.length;
    const digest = digests.get(reading) ?? readingDigest(readingOf(readings, devices, reading), keccak256);
    digests.set(reading, digest);
    const device = readings.device[reading] as number;
    tallies.set(device, addToTally(tallies.get(device) ?? emptyTally, digest));
    total = addToTally(total, digest);
  }
  const view = { contract: recordContract, address: contract };
  const texts = (tally: Tally): string[] => [tally.count.toString(), tally.checksum.toString()];
  const label = (of: string, index: number): string =>
    `${index % 2 === 0 ? "number" : "checksum"} of readings ${of}`;
  return [
    viewProbe({
      ...view,
      name: "total",
      args: [],
      expected: texts(total),
      label: (i) => label("in total", i),
    }),
    ...pages([...devices.keys()], devicesPerProbe).map((page) =>
      viewProbe({
        ...view,
        name: "talliesOf",
        args: [page.map((device) => bytesToHex(devices[device] as Uint8Array))],
        expected: page.flatMap((device) => texts(tallies.get(device) ?? emptyTally)),
        label: (i) => label(`of ${readings.devices[page[Math.floor(i / 2)] as number]}`, i),
      }),
    ),
  ];
}

function readingOf(readings: Readings, devices: readonly Uint8Array[], reading: number): Reading {
  return {
    device: bytesToHex(devices[readings.device[reading] as number] as Uint8Array),
    kind: readings.kind[reading] as number,
    valueHash: bytesToHex(readings.valueHash.subarray(reading * 32, reading * 32 + 32)),
    timestamp: BigInt(readings.timestampMs[reading] as number),
  };
}
