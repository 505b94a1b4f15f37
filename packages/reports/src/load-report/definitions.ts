/** The terms of the report; the numbered rules are in specs/measurement.md. */
export const definitions: readonly (readonly [term: string, meaning: string])[] = [
  [
    "Latency",
    "From the scheduled send time to commit. In windowed mode the scheduled time is the moment at which the transaction's slot became free, so a stalled sender makes latency worse, not better.",
  ],
  [
    "Commit thresholds",
    "The block was shown by the first validator, by a quorum (2f+1), by all. The headline is all. A validator that a declared fault took down is not waited for: “all” are those that were up, and the transactions that this concerns are counted.",
  ],
  [
    "Throughput",
    "Valid transactions committed on all validators (that were up) within the steady window, divided by its length. Failed, rejected and lost ones are rows of their own.",
  ],
  [
    "Steady window",
    "From when every loaded chain commits under load to when the first chain's load ends, without warm-up (10 %) and cool-down (5 %), aligned to block commits.",
  ],
  [
    "Lost",
    "Sent, and neither committed nor rejected when the drain time was over. Lost transactions stay in the percentiles as “at least” (≥). Those that an interruption left in flight are not lost, and stay in the same way.",
  ],
  [
    "Bound by",
    "The first that holds. Memory: none left. Load generator: it was late, or saturated. Block limits: blocks full, and throughput at the protocol's bound, however busy the CPUs. CPU: cores saturated. Late consensus: blocks came at 1.2 times their period or later while CPUs idled. Block limits: blocks full while CPUs idled. Load: the network did all that was asked.",
  ],
  [
    "Signature bound",
    "Every validator verifies every signature of its chain: cores / (validators × recovery time). The share is throughput × validators × recovery time / cores.",
  ],
  [
    "Intervals",
    "95 %. Over repetitions where there are any (Student's t), else over ten batches within the run. Those within a run do not cover the variation between runs. Arms whose intervals overlap are not ranked.",
  ],
];

/** Where the definitions come from. */
export const citation =
  "Hyperledger Performance and Scale Working Group, “Hyperledger Blockchain Performance Metrics”, 2018.";
