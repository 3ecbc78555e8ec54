/** A value that is there, or comes later. What can be had at once is not made to wait for another turn. */
export type Maybe<T> = T | Promise<T>;

/** Go on with a value: at once where it is there. */
export function andThen<T, Result>(value: Maybe<T>, act: (value: T) => Maybe<Result>): Maybe<Result> {
  return value instanceof Promise ? value.then(act) : act(value);
}

/** Do something, and after a failure, thrown or rejected, what `failed` says instead. */
export function orElse<T>(act: () => Maybe<T>, failed: (thrown: unknown) => Maybe<T>): Maybe<T> {
  try {
    const value = act();
    return value instanceof Promise ? value.catch(failed) : value;
  } catch (thrown) {
    return failed(thrown);
  }
}
