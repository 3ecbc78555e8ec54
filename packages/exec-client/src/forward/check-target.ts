import { wholeNumber } from "@holdfast/rpc/client";
import { type ConnectionTarget, PORT_MAX } from "../connection-place.ts";
import type { ForwardTarget } from "./types.ts";

/** A number is a port. @throws InvalidArgumentError - It is a number that is no port. */
export function targetOf(to: ForwardTarget, argument: string): ConnectionTarget {
  if (typeof to === "object" && to !== null) return to;
  wholeNumber(1, PORT_MAX)(to, argument);
  return { port: to };
}
