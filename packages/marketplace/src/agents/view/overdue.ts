import type { Millis } from "@sheaf/base";
import type { JobFacts } from "./market-view.ts";

/** When anybody may end the state a job is in; `undefined` for states that nobody waits in. */
export function endsMs(job: JobFacts): Millis | undefined {
  switch (job.state) {
    case "open":
    case "recruiting":
    case "delivered":
    case "stopped":
    case "disputed":
      return job.deadlineMs;
    case "training":
      return job.deadlineMs + 1000 * job.terms.resumeSeconds;
    default:
      return undefined;
  }
}

/** The transaction that ends an overdue state. */
export function endingOf(job: JobFacts): { readonly method: "settle" | "expire"; readonly job: bigint } {
  const finished = job.state === "delivered" || job.state === "stopped" || job.state === "disputed";
  return { method: finished ? "settle" : "expire", job: job.job };
}
