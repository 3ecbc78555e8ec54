import type { PathNaming } from "./walk-report.ts";

/** From native bytes to a URI and back, by the rules of this machine. */
export interface UriSpelling<Uri extends string> {
  uriOf(path: Buffer): Uri;
  pathOf(uri: Uri): Buffer;
}

/** A folder to spell one name in: what a name looks like depends on whether it comes first. */
const INSIDE = Buffer.from("/x/");

/** Paths of a walk as URIs, each made from its parent's by one more segment. */
export function uriNaming<Uri extends string>(root: Buffer, { uriOf, pathOf }: UriSpelling<Uri>): PathNaming<Uri> {
  const insideLength = uriOf(INSIDE).length;
  return {
    root: uriOf(root),
    child: (parent, name) => {
      // The first name of all may look like a drive, which only the whole path can tell.
      if (parent.endsWith("/")) return uriOf(Buffer.concat([pathOf(parent), name]));
      const segment = uriOf(Buffer.concat([INSIDE, name])).slice(insideLength);
      return `${parent}/${segment}` as Uri;
    },
    costOf: (uri) => uri.length,
  };
}
