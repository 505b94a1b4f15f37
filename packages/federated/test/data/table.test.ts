import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Cell,
  type EncodingOptions,
  encodeTable,
  type Table,
  tableEncodingSchema,
  tableToDataset,
} from "../../src/index.ts";

const table = (columns: Record<string, readonly Cell[]>): Table => ({
  columns: Object.entries(columns).map(([name, values]) => ({ name, values })),
});

const patients = table({
  id: ["a", "b", "c", "d"],
  age: [20, 30, 40, 50],
  smoker: [true, false, false, true],
  ward: ["north", "south", "north", "east"],
  outcome: ["well", "ill", "well", "ill"],
});
const label = "outcome";

describe("a table becomes a dataset", () => {
  it("with numbers scaled, booleans as 0 and 1, texts as one feature a value, labels as classes", () => {
    const { dataset, encoding } = tableToDataset(patients, { label, exclude: ["id"], scale: "minmax" });
    expect(dataset.task).toStrictEqual({ kind: "classification", classes: 2 });
    expect(dataset.shape).toStrictEqual([5]);
    const rows = [0, 1, 2, 3].map((row) => Array.from(dataset.features.subarray(5 * row, 5 * row + 5)));
    const third = Math.fround(1 / 3);
    expect(rows).toStrictEqual([
      [0, 1, 0, 1, 0],
      [third, 0, 0, 0, 1],
      [Math.fround(2 / 3), 0, 0, 1, 0],
      [1, 1, 1, 0, 0],
    ]);
    expect(Array.from(dataset.labels)).toStrictEqual([1, 0, 1, 0]);
    expect(encoding.label).toStrictEqual({ kind: "classes", name: "outcome", classes: ["ill", "well"] });
  });

  it("to mean 0 and deviation 1 unless told otherwise", () => {
    const { dataset } = tableToDataset(table({ x: [1, 2, 3, 6], y: [0.5, 1, 1.5, 3] }), { label: "y" });
    expect(dataset.task).toStrictEqual({ kind: "regression" });
    for (const values of [dataset.features, dataset.labels]) {
      expect(values.reduce((a, b) => a + b)).toBeCloseTo(0, 6);
      expect(values.reduce((a, b) => a + b * b, 0) / 4).toBeCloseTo(1, 6);
    }
  });

  it("with an encoding that serves the other owners' files, through JSON", () => {
    const { encoding } = tableToDataset(patients, { label, exclude: ["id"] });
    const other = table({ outcome: ["ill"], ward: ["east"], age: [35], smoker: [false], more: ["x"] });
    const read = tableEncodingSchema.parse(JSON.parse(JSON.stringify(encoding)));
    const dataset = encodeTable(other, read);
    expect(Array.from(dataset.features)).toStrictEqual([0, -1, 1, 0, 0]);
    expect(Array.from(dataset.labels)).toStrictEqual([0]);
  });

  it.each<[string, readonly Cell[], EncodingOptions["classes"], object]>([
    ["few whole numbers are classes", [3, 1, 3, 2], undefined, { kind: "classification", classes: 3 }],
    ["booleans are classes", [true, false, true, true], undefined, { kind: "classification", classes: 2 }],
    ["fractions are a target", [0.5, 1, 2, 3], undefined, { kind: "regression" }],
    ["a number of classes makes classes", [0, 1, 0, 1], 10, { kind: "classification", classes: 10 }],
    [
      "names of classes make classes",
      ["b", "a", "b", "a"],
      ["a", "b", "c"],
      { kind: "classification", classes: 3 },
    ],
  ])("%s", (_, y, classes, task) => {
    const options = classes === undefined ? { label: "y" } : { label: "y", classes };
    expect(tableToDataset(table({ x: [1, 2, 3, 4], y }), options).dataset.task).toStrictEqual(task);
  });
});

describe("what cannot be learnt from is INVALID_INPUT that names the column, and the row", () => {
  const x = [1, 2, 3, 4];
  const y = ["a", "b", "a", "b"];
  const bad: [string, Record<string, readonly Cell[]>, Partial<EncodingOptions>, string][] = [
    ["a missing number", { x: [1, 2, null, 4], y }, {}, 'column "x", row 3: the value is missing'],
    ["an empty text", { x: ["a", "b", "", "a"], y }, {}, 'column "x", row 3: the value is missing'],
    ["NaN", { x: [1, Number.NaN, 3, 4], y }, {}, 'column "x", row 2: the value is missing'],
    [
      "an infinite number",
      { x: [1, 2, 3, -Infinity], y },
      {},
      'column "x", row 4: "-Infinity" is not a finite number',
    ],
    [
      "a text among numbers",
      { x: [1, 2, "two", 4], y },
      {},
      'column "x", row 3: "two" is not a finite number',
    ],
    ["a number too large", { x: [1, 2, 3, 1e300], y }, { scale: "none" }, 'column "x", row 4: is too large'],
    ["a constant number", { x: [7, 7, 7, 7], y }, {}, 'column "x": is 7 in every row'],
    ["a constant text", { x: ["k", "k", "k", "k"], y }, {}, 'column "x": is "k" in every row'],
    ["a missing label", { x, y: ["a", null, "a", "b"] }, {}, 'column "y", row 2: the value is missing'],
    [
      "a label out of range",
      { x, y: [0, 1, 2, 3] },
      { classes: 3 },
      'column "y", row 4: "3" is none of the study\'s classes',
    ],
    ["a negative label", { x, y: [0, -1, 2, 1] }, { classes: 3 }, 'column "y", row 2: "-1" is none'],
    ["an unknown class", { x, y }, { classes: ["a", "c"] }, 'column "y", row 2: "b" is none'],
    ["one class only", { x, y: ["a", "a", "a", "a"] }, {}, 'column "y": has one class only'],
    ["a text as a target", { x, y }, { task: "regression" }, 'column "y", row 1: "a" is not a finite number'],
    ["no such label", { x, y }, { label: "z" }, 'column "z": is not in the table'],
    ["no such exclusion", { x, y }, { exclude: ["z"] }, 'column "z": is not in the table'],
    ["no features", { y }, {}, "table: no column is left"],
    ["no rows", { x: [], y: [] }, {}, "table: has no rows"],
    ["columns of unequal length", { x, y: ["a", "b"] }, {}, 'column "y": has 2 rows, column "x" has 4'],
  ];

  it.each(bad)("%s", (_, columns, options, message) => {
    expect(() => tableToDataset(table(columns), { label: "y", ...options })).toThrow(
      expect.objectContaining({ code: "INVALID_INPUT", message: expect.stringContaining(message) }),
    );
  });

  it("a name used twice", () => {
    const twice = { columns: [...table({ x, y }).columns, { name: "x", values: x }] };
    expect(() => tableToDataset(twice, { label: "y" })).toThrow('column "x": is there twice');
  });

  it("a text with too many values", () => {
    const many = Array.from({ length: 200 }, (_, row) => `name ${row}`);
    const columns = { name: many, y: many.map((_, row) => row % 2) };
    expect(() => tableToDataset(table(columns), { label: "y" })).toThrow(
      'column "name": has 200 different texts',
    );
  });

  it("in another owner's file: a column that is not there, a category that nobody named", () => {
    const { encoding } = tableToDataset(patients, { label, exclude: ["id"] });
    const other = { age: [35], smoker: [false], outcome: ["ill"] };
    expect(() => encodeTable(table(other), encoding)).toThrow('column "ward": is not in the table');
    expect(() => encodeTable(table({ ...other, ward: ["west"] }), encoding)).toThrow(
      'column "ward", row 1: "west" is none',
    );
  });
});

it("gives finite features for every table of finite numbers", () => {
  const cell = fc.double({ noNaN: true, min: -8e307, max: 8e307 });
  const rows = fc.array(fc.tuple(cell, fc.boolean()), { minLength: 2, maxLength: 30 });
  fc.assert(
    fc.property(rows, fc.constantFrom("standard", "minmax"), (values, scale) => {
      const columns = { x: values.map(([x]) => x), y: values.map(([, y]) => y) };
      fc.pre(new Set(columns.x).size > 1 && new Set(columns.y).size > 1);
      const { dataset } = tableToDataset(table(columns), { label: "y", scale });
      expect(dataset.features.every(Number.isFinite)).toBe(true);
    }),
  );
});
