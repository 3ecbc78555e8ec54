/** Milliseconds, one for each time. */
export interface Measured {
  readonly startMs: number[];
  readonly callMs: number[];
  readonly endMs: number[];
}

/** Starts one server, calls it so often, and ends it. */
export type Way = (calls: number) => Promise<Measured>;

/** `echo` of it, one after the other. */
export async function timeCalls(calls: number, call: () => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let n = 0; n < calls; n += 1) {
    const begin = performance.now();
    await call();
    samples.push(performance.now() - begin);
  }
  return samples;
}
