import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bytesToHex, CodedError, utf8 } from "@sheaf/base";
import { keccak256 } from "@sheaf/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readReadings } from "../src/records/read-csv.ts";
import { parseTimestamp } from "../src/records/timestamp.ts";
import { telemetryFile } from "./support/results.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "sheaf-records-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: string | Uint8Array, name = "input.csv"): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function failure(path: string, columns = {}): Promise<CodedError> {
  const error: unknown = await readReadings(path, 100, columns).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CodedError);
  expect((error as CodedError).code).toBe("INVALID_INPUT");
  return error as CodedError;
}

describe("readings from a CSV file", () => {
  it("reads the data set of the examples", async () => {
    const readings = await readReadings(telemetryFile, 10_000);
    expect(readings.length).toBe(1_625);
    expect(readings.devices).toContain("core-0");
    expect(readings.kinds).toContain("utilisation");
    expect(
      readings.timestampMs.every((ms, i) => i === 0 || ms >= (readings.timestampMs[i - 1] as number)),
    ).toBe(true);
  });

  it("finds columns by their names, whatever their order, case and separator", async () => {
    const text =
      "\uFEFFReading;Sensor ID;Observed At;Type\r\n21,5;s-1;2024-01-02 03:04:05;temp\r\n22;s-2;1704164646;hum\r\n";
    const readings = await readReadings(file(text), 10);
    expect(readings.devices).toEqual(["s-1", "s-2"]);
    expect(readings.kinds).toEqual(["temp", "hum"]);
    expect([...readings.timestampMs]).toEqual([Date.UTC(2024, 0, 2, 3, 4, 5), 1_704_164_646_000]);
    expect(bytesToHex(readings.valueHash.subarray(0, 32))).toBe(bytesToHex(keccak256(utf8("21,5"))));
  });

  it("takes the columns that are named, and without a value column all other cells", async () => {
    const path = file('when,box,a,b\n2024-01-01,"x, y",1,2\n');
    const readings = await readReadings(path, 10, { device: "box", timestamp: "when" });
    expect(readings.devices).toEqual(["x, y"]);
    expect(readings.kinds).toEqual(["reading"]);
    expect(bytesToHex(readings.valueHash)).toBe(bytesToHex(keccak256(utf8("1,2"))));
  });

  it("reads no further than asked: what is broken behind is not its business", async () => {
    const path = file("device,time,value\na,2024-01-01,1\nb,2024-01-01,2\nc,never,3\n");
    expect((await readReadings(path, 2)).length).toBe(2);
    expect((await failure(path)).message).toContain(":4: ");
  });

  it.each([
    ["a cell too few", "device,time,value\na,2024-01-01,1\nb,2024-01-01\n", ":3"],
    ["an open quote", 'device,time,value\na,2024-01-01,"1\n', ":"],
    ["no time", "device,time,value\na,2024-01-01,1\nb,noon,2\n", ":3"],
    ["an empty device", "device,time,value\na,2024-01-01,1\n,2024-01-01,2\n", ":3"],
    ["no device column", "place,time,value\na,2024-01-01,1\n", ":1"],
    ["no time column", "device,value\na,1\n", ":1"],
    ["no rows", "device,time,value\n", ""],
    ["nothing at all", "", ""],
    ["bytes that are no text", new Uint8Array([1, 0, 2, 0, 3]), ""],
  ])("says where the input is bad: %s", async (_, content, at) => {
    const path = file(content);
    const { message, advice } = await failure(path);
    expect(message.startsWith(`${path}${at}`)).toBe(true);
    expect(advice).toBeDefined();
  });

  it("says which file or column is not there", async () => {
    expect((await failure(join(folder, "none.csv"))).message).toContain("no such file");
    expect((await failure(folder)).message).toContain("folder");
    const { message, advice } = await failure(file("device,time\na,2024-01-01\n"), { value: "volts" });
    expect(message).toContain('"volts"');
    expect(advice).toContain('"device", "time"');
    expect(advice).toContain("load.columns in the benchmark file");
    const unknown = await failure(file("place,time\na,2024-01-01\n"));
    expect(unknown.advice).toContain("under load.columns in the benchmark file (device: ...)");
  });
});

describe("times", () => {
  it.each([
    ["2024-02-29", Date.UTC(2024, 1, 29)],
    ["2024/2/9", Date.UTC(2024, 1, 9)],
    ["20240229", Date.UTC(2024, 1, 29)],
    ["2024-02-29T12:30", Date.UTC(2024, 1, 29, 12, 30)],
    ["2024-02-29 12:30:01.250Z", Date.UTC(2024, 1, 29, 12, 30, 1, 250)],
    ["2024-02-29T12:30:00+02:00", Date.UTC(2024, 1, 29, 10, 30)],
    ["2024-02-29T12:30:00-0130", Date.UTC(2024, 1, 29, 14)],
    ["1704164645", 1_704_164_645_000],
    ["1704164645.5", 1_704_164_645_500],
    ["1704164645123", 1_704_164_645_123],
    ["1704164645123456", 1_704_164_645_123],
    ["1704164645123456789", 1_704_164_645_123],
  ])("%s", (text, ms) => {
    expect(parseTimestamp(text)).toBe(ms);
  });

  it.each([
    "",
    "noon",
    "2023-02-29",
    "2024-13-01",
    "2024-01-01T25:00",
    "31/01/2024",
    "-5",
    "1e9",
    "1969-12-31",
  ])("%s is none", (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });
});
