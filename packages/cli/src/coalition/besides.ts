/**
 * What `work` and `long` come to, side by side. `long` is given a signal that is raised with `signal`, and when `work`
 * fails: nothing of it is left running then.
 */
export async function besides<W, L>(
  long: (signal: AbortSignal) => Promise<L>,
  signal: AbortSignal,
  work: () => Promise<W>,
): Promise<[W, L]> {
  const ending = new AbortController();
  const running = long(AbortSignal.any([signal, ending.signal]));
  try {
    return await Promise.all([work(), running]);
  } catch (error) {
    ending.abort(error);
    await running.catch(() => {});
    throw error;
  }
}
