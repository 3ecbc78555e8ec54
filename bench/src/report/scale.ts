/** A logarithmic axis: a position for each value above 0, and the powers of ten to draw lines at. */
export interface LogScale {
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** From `start` to `end` in the picture; spans the values, and whole powers of ten around them where `rounded`. */
export function logScale(
  values: readonly number[],
  [start, end]: readonly [number, number],
  rounded: boolean,
): LogScale {
  const logs = values.filter((value) => value > 0).map(Math.log10);
  let low = Math.min(...logs);
  let high = Math.max(...logs);
  if (rounded || high === low) {
    low = Math.floor(low);
    high = Math.max(Math.ceil(high), low + 1);
  }
  const first = Math.ceil(low - 1e-9);
  const ticks = Array.from({ length: Math.floor(high + 1e-9) - first + 1 }, (_, index) => 10 ** (first + index));
  return { at: (value) => start + ((Math.log10(value) - low) / (high - low)) * (end - start), ticks };
}
