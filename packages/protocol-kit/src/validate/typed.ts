import type { z } from "zod";

/** A validator of `T`, made when it is first asked for. */
export type Typed<T> = () => z.ZodType<T>;

/** Anything whose checked value is a `T`. The compiler compares these values only, and not the validators around them. */
interface Gives<T> {
  readonly _zod: { readonly output: T };
}

/** The validator that `make` makes, once. That it gives a `T` is compared by the compiler. */
export function proven<T>(make: () => Gives<T>): Typed<T> {
  return typed<T>(make);
}

/**
 * The validator that `make` makes, once, as one of `T`. For protocols with so many types that comparing each with its
 * validator in every build takes long; a test has to do it once, with {@link proven} in place of this.
 */
export function typed<T>(make: () => unknown): Typed<T> {
  let made: z.ZodType<T> | undefined;
  return () => {
    made ??= make() as z.ZodType<T>;
    return made;
  };
}
