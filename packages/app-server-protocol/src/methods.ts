import { METHODS, type MethodName } from "./gen/methods.gen.ts";
import type { MethodRow } from "./method-row.ts";

export { METHODS, type MethodName } from "./gen/methods.gen.ts";
export type { MethodRow } from "./method-row.ts";

/** The row of a method, or undefined for a name that no supported release knows. */
export function methodRow(name: string): MethodRow | undefined {
  return Object.hasOwn(METHODS, name) ? METHODS[name as MethodName] : undefined;
}
