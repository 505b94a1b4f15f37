import { relative } from "node:path";

/** A folder as a person at this prompt would write it: relative when it is below the working directory. */
export function shownPath(dir: string): string {
  const path = relative(process.cwd(), dir);
  return path.startsWith("..") ? dir : path || ".";
}
