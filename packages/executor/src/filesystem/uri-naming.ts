import type { PathNaming } from "./walk-report.ts";

/** How paths become URIs on this machine. */
export interface UriSpelling<Uri extends string> {
  uriOf(path: Buffer): Uri;
  /** @param name - One character per native byte (`latin1`), without a slash. */
  childOf(directory: Uri, name: string): Uri;
}

/** Paths of a walk as URIs, each made from its parent's by one more segment. */
export function uriNaming<Uri extends string>(root: Buffer, { uriOf, childOf }: UriSpelling<Uri>): PathNaming<Uri> {
  return { root: uriOf(root), child: childOf, costOf: (uri) => uri.length };
}
