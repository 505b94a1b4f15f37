/** Promises that the virtual clock must wait for before it moves on. */
export interface WorkInProgress {
  /** Waits for `work`, however it ends. */
  track(work: Promise<unknown>): void;
  /** Settles when nothing that was started goes on, microtasks included. */
  idle(): Promise<void>;
}

export function createWorkInProgress(): WorkInProgress {
  let running = 0;
  return {
    track(work) {
      running += 1;
      const end = (): void => {
        running -= 1;
      };
      work.then(end, end);
    },
    async idle() {
      do await new Promise((resolve) => setImmediate(resolve));
      while (running > 0);
    },
  };
}
