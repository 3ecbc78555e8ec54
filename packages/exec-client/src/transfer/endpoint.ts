import type { PathConvention } from "@holdfast/path-uri";

/** One side of a copy, as it was written. */
export interface Endpoint {
  readonly side: "local" | "remote";
  /** Without the prefix. Empty on the remote side: the executor's working folder. */
  readonly path: string;
  /** As the user wrote it, for messages. */
  readonly text: string;
}

/** Nobody else could have put a link under such a name, or it says that what the link leads to is meant. */
const LEADS_THROUGH = { posix: /(^|\/)(\.\.?)?$/, windows: /(^|[\\/])(\.\.?)?$/ };

/** Whether a link is to be followed that has the last name of a destination. */
export function leadsThrough(path: string, convention: PathConvention = "posix"): boolean {
  return LEADS_THROUGH[convention].test(path);
}

const SLASHES_AT_END = { posix: /([^/:])\/+$/, windows: /([^\\/:])[\\/]+$/ };

/** Without the slashes at its end, unless it is nothing else. */
export function withoutSlash(path: string, convention: PathConvention = "posix"): string {
  return path.replace(SLASHES_AT_END[convention], "$1");
}
