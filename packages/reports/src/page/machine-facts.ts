import type { EnvironmentRecord } from "@sheaf/measure";
import { formatMb } from "./format.ts";

/** With what a run was made: hardware, software, driver and data store. */
export function machineFacts(
  environment: EnvironmentRecord,
): readonly (readonly [term: string, value: string])[] {
  const { hardware, driver, software, dataStore } = environment;
  return [
    [
      "Hardware",
      `${hardware.cpuModel}, ${hardware.cores} cores, ${formatMb(hardware.memoryMb)}, ${hardware.platform} ${hardware.architecture}`,
    ],
    [
      "Software",
      Object.entries(software)
        .map(([name, version]) => `${name} ${version}`)
        .join(", "),
    ],
    ["Driver", `${driver.location}; ${driver.client}`],
    ["Data store", `${dataStore.engine}; ${dataStore.durability}`],
  ];
}
