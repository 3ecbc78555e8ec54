import type { FsWalkParams, FsWalkResult } from "@holdfast/exec-server-protocol";
import type { PathUri } from "@holdfast/path-uri";
import { type PathNaming, walk } from "../filesystem/index.ts";
import type { CallContext } from "./context.ts";
import { asWireFaults } from "./faults.ts";
import { nativePath, uriOf } from "./paths.ts";
import { refuseConfinedFiles } from "./sandbox.ts";

/** A folder to spell one name in: what a name looks like depends on whether it comes first. */
const INSIDE = Buffer.from("/x/");
const INSIDE_URI = uriOf(INSIDE);

/** Paths of a walk as URIs, each made from its parent's by one more segment. */
function uriNaming(root: PathUri): PathNaming<PathUri> {
  const isAnchor = (uri: PathUri) => uri.endsWith("/");
  return {
    root,
    child: (parent, name) => {
      // The first name of all may look like a drive, which only the whole path can tell.
      if (isAnchor(parent)) return uriOf(Buffer.concat([nativePath(parent), name]));
      const segment = uriOf(Buffer.concat([INSIDE, name])).slice(INSIDE_URI.length);
      return `${parent}/${segment}` as PathUri;
    },
    costOf: (uri) => uri.length,
  };
}

/** `fs/walk`: a bounded listing of a tree. Names that are not UTF-8 survive in their URIs. */
export function walkTree(params: FsWalkParams, context: CallContext): Promise<FsWalkResult> {
  refuseConfinedFiles(params.sandbox);
  const root = nativePath(params.path);
  const options = { ...params.options, pruneHiddenDirectories: params.options.pruneHiddenDirectories ?? false };
  const { signal } = context;
  return asWireFaults(
    context.connection.files.observe(async () => {
      const { entries, errors, truncated } = await walk(root, options, uriNaming(uriOf(root)), { signal });
      return { entries: [...entries], errors: [...errors], truncated };
    }),
  );
}
