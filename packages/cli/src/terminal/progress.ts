import { type Clock, type Millis, systemClock } from "@sheaf/base";

/** One phase of long work, as a person sees it. */
export interface Phase {
  /** `done` of the phase's total, with a few words beside it. */
  update(done: number, note?: string): void;
  /** Ends the phase with what it came to. */
  finish(outcome: string): void;
}

/** Shows phases: a bar that is redrawn on a terminal, plain lines elsewhere. Writes to standard error only. */
export interface Progress {
  phase(title: string, total?: number): Phase;
  /** A line of its own, also while a phase is shown. */
  note(line: string): void;
}

export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** A terminal is redrawn at most this often; elsewhere a line is printed at most this often. */
const REDRAW_MS: Millis = 100;
const LINE_EVERY_MS: Millis = 10_000;
const BAR_CELLS = 24;

export function createProgress(stream: ProgressStream, clock: Clock = systemClock): Progress {
  const terminal = stream.isTTY === true;
  let current: { draw(): void } | undefined;

  const clear = (): void => {
    if (terminal) stream.write("\r\u001b[2K");
  };

  function phase(title: string, total?: number): Phase {
    const begun = clock.now();
    let shown = begun - (terminal ? REDRAW_MS : 0);
    let done = 0;
    let note = "";
    const seconds = (): string => `${Math.round((clock.now() - begun) / 1000)} s`;

    const line = (): string => {
      const count = total === undefined ? "" : ` ${formatCount(done)}/${formatCount(total)}`;
      const tail = note === "" ? "" : `  ${note}`;
      if (!terminal || total === undefined) return `${title}${count}  ${seconds()}${tail}`;
      return `${title} ${bar(done / Math.max(1, total))}${count}  ${seconds()}${tail}`;
    };
    const draw = (): void => {
      shown = clock.now();
      if (terminal) {
        clear();
        stream.write(line().slice(0, Math.max(20, (stream.columns || 100) - 1)));
      } else stream.write(`${line()}\n`);
    };
    const self = { draw };
    current = self;
    if (terminal) draw();
    else stream.write(`${title} ...\n`);

    return {
      update(value, words = "") {
        done = value;
        note = words;
        if (current === self && clock.now() - shown >= (terminal ? REDRAW_MS : LINE_EVERY_MS)) draw();
      },
      finish(outcome) {
        if (current === self) current = undefined;
        clear();
        stream.write(`${title}: ${outcome} (${seconds()})\n`);
      },
    };
  }

  return {
    phase,
    note(line) {
      clear();
      stream.write(`${line}\n`);
      if (terminal) current?.draw();
    },
  };
}

function bar(share: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * BAR_CELLS);
  return `[${"█".repeat(filled)}${"·".repeat(BAR_CELLS - filled)}]`;
}

/** 20000 as "20,000". */
export function formatCount(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
