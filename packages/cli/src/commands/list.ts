import { benchmarkNames, loadBenchmark } from "../benchmark-file.ts";
import { layout } from "../layout.ts";

/** `bench list`: each benchmark with its title and claim. */
export async function listBenchmarks(write: (line: string) => void, json: boolean): Promise<void> {
  const names = await benchmarkNames(layout.benchmarks);
  const files = await Promise.all(names.map((name) => loadBenchmark(name, layout.benchmarks)));
  if (json) {
    write(
      JSON.stringify(
        files.map(({ name, path, benchmark }) => ({
          name,
          path,
          title: benchmark.title,
          claim: benchmark.claim,
          arms: benchmark.arms.map((arm) => arm.name),
          transactions: benchmark.load.transactions,
        })),
      ),
    );
    return;
  }
  const width = Math.max(...names.map((name) => name.length));
  for (const { name, benchmark } of files) {
    write(`${name.padEnd(width)}  ${benchmark.title}`);
    if (benchmark.claim !== "") write(`${" ".repeat(width)}  claim: ${benchmark.claim}`);
  }
}
