import type { Random } from "@sheaf/base";

/** Readings of devices, column by column. */
export interface Readings {
  readonly length: number;
  /** Names of the devices; `device[i]` points into it. */
  readonly devices: readonly string[];
  readonly device: Uint32Array;
  /** Names of the kinds, in order of first appearance; `kind[i]` points into it. */
  readonly kinds: readonly string[];
  readonly kind: Uint32Array;
  /** Milliseconds since 1970, as the device said. */
  readonly timestampMs: Float64Array;
  /** 32 bytes a reading: keccak-256 of the value's text. */
  readonly valueHash: Uint8Array;
}

/** Collects readings row by row. */
export interface ReadingsBuilder {
  readonly length: number;
  add(device: string, kind: string, timestampMs: number, valueHash: Uint8Array): void;
  build(): Readings;
}

export function createReadingsBuilder(): ReadingsBuilder {
  const devices = new Map<string, number>();
  const kinds = new Map<string, number>();
  const device: number[] = [];
  const kind: number[] = [];
  const timestamps: number[] = [];
  let hashes = new Uint8Array(32 * 1024);

  const intern = (names: Map<string, number>, name: string): number => {
    const known = names.get(name);
    if (known !== undefined) return known;
    names.set(name, names.size);
    return names.size - 1;
  };

  return {
    get length() {
      return device.length;
    },
    add(deviceName, kindName, timestampMs, valueHash) {
      const at = device.length * 32;
      if (at === hashes.length) {
        const larger = new Uint8Array(hashes.length * 2);
        larger.set(hashes);
        hashes = larger;
      }
      hashes.set(valueHash, at);
      device.push(intern(devices, deviceName));
      kind.push(intern(kinds, kindName));
      timestamps.push(timestampMs);
    },
    build: () => ({
      length: device.length,
      devices: [...devices.keys()],
      device: Uint32Array.from(device),
      kinds: [...kinds.keys()],
      kind: Uint32Array.from(kind),
      timestampMs: Float64Array.from(timestamps),
      valueHash: hashes.slice(0, device.length * 32),
    }),
  };
}

const generatedDevices = 200;
const generatedKinds = ["temperature", "humidity", "pressure", "vibration"];
const generatedStartMs = Date.UTC(2024, 0, 1);

/** Made-up readings, one a second, of 200 devices and four kinds: for runs without an input file. */
export function generateReadings(count: number, random: Random): Readings {
  const builder = createReadingsBuilder();
  for (let i = 0; i < count; i++) {
    const device = `device-${random.int(generatedDevices)}`;
    builder.add(device, random.pick(generatedKinds), generatedStartMs + i * 1_000, random.bytes(32));
  }
  return builder.build();
}
