import type { TrainingPhase } from "@sheaf/measure";
import type { ColorToken } from "../charts/chart-spec.ts";

/** What the phases of a round are for. */
export const phaseNames: Readonly<Record<TrainingPhase, string>> = {
  announce: "send the model",
  keys: "keys",
  open: "open on chain",
  shares: "shares",
  train: "train and send",
  confirm: "confirm survivors",
  unmask: "unmask",
  decrypt: "decrypt",
  aggregate: "aggregate",
  close: "close on chain",
};

/** Phases that a chart shows as one, so that it has few colours. */
export const phaseGroups: readonly {
  readonly label: string;
  readonly color: ColorToken;
  readonly phases: readonly TrainingPhase[];
}[] = [
  { label: "train and send", color: "c1", phases: ["train"] },
  { label: "send the model", color: "c5", phases: ["announce"] },
  { label: "keys and shares", color: "c6", phases: ["keys", "shares"] },
  { label: "confirm and unmask", color: "c4", phases: ["confirm", "unmask"] },
  { label: "decrypt", color: "c2", phases: ["decrypt"] },
  { label: "aggregate", color: "c3", phases: ["aggregate"] },
  { label: "blocks: open and close", color: "muted", phases: ["open", "close"] },
];
