import type { FsWalkParams, FsWalkResult, Received } from "@holdfast/exec-server-protocol";
import type { CallContext } from "../session/call-context.ts";
import { observe } from "./file-turns.ts";
import { nativePath } from "./paths.ts";

/** `fs/walk`: a bounded listing of a tree. Names that are not UTF-8 survive in their URIs. */
export function walkTree(params: Received<FsWalkParams>, context: CallContext): Promise<FsWalkResult> {
  const root = nativePath(params.path);
  const { holdfastSymlinks: listSymlinks = false, pruneHiddenDirectories = false, ...bounds } = params.options;
  const options = { ...bounds, pruneHiddenDirectories, listSymlinks };
  const { signal } = context;
  return observe(params, context, async (files) => {
    const { entries, errors, truncated } = await files.walk(root, options, signal);
    return { entries: [...entries], errors: [...errors], truncated };
  });
}
