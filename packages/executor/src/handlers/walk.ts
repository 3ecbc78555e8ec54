import type { FsWalkParams, FsWalkResult } from "@holdfast/exec-server-protocol";
import { childOfPosixDirectory, type PathUri } from "@holdfast/path-uri";
import { type PathNaming, walk } from "../filesystem/index.ts";
import type { CallContext } from "./context.ts";
import { asWireFaults } from "./faults.ts";
import { nativePath, uriOf } from "./paths.ts";
import { refuseConfinedFiles } from "./sandbox.ts";

/** Paths of a walk as URIs, each made from its parent's by one more segment. */
const uriNaming = (root: PathUri): PathNaming<PathUri> => ({
  root,
  child: childOfPosixDirectory,
  costOf: (uri) => uri.length,
});

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
