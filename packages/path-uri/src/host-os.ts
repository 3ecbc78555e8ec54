import type { PathConvention } from "./wire.ts";

/** The operating systems that error texts name. */
export type HostOs = "linux" | "macos" | "windows";

/** The path convention that an operating system uses. */
export function conventionOfHost(hostOs: HostOs): PathConvention {
  return hostOs === "windows" ? "windows" : "posix";
}
