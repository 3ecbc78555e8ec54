import type { FsWatchMissingParams, FsWatchMissingResult } from "@holdfast/exec-server-protocol";
import type { CallContext } from "../session/call-context.ts";
import { nativePath } from "./paths.ts";

/** `fs/watchMissing`. What can not be watched is no error: the client looks for itself then. */
export function watchMissing(params: FsWatchMissingParams, context: CallContext): FsWatchMissingResult {
  const missing = params.missing.map((uri) => nativePath(uri, "missing").toString("utf8"));
  const present =
    params.present === undefined || params.present === null
      ? undefined
      : nativePath(params.present, "present").toString("utf8");
  return { watching: context.connection.watch.arm({ watchId: params.watchId, missing, present }) };
}
