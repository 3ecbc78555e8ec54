import {
  type EmptyResult,
  type HoldfastUnwatchParams,
  type HoldfastWatchParams,
  type Received,
  WATCH_ID_MAX_BYTES,
} from "@holdfast/exec-server-protocol";
import { isOpen } from "../confined-files/index.ts";
import { canWatchFolders } from "../platform/inotify.ts";
import type { CallContext } from "../session/call-context.ts";
import { asWireFaults, invalidRequest, toWireFault } from "./faults.ts";
import { nativePath } from "./paths.ts";

const DONE = {};

async function watch(params: Received<HoldfastWatchParams>, { connection }: CallContext): Promise<EmptyResult> {
  const { watchId, recursive } = params;
  if (!canWatchFolders()) throw invalidRequest("nothing can be watched on this system");
  if (Buffer.byteLength(watchId) > WATCH_ID_MAX_BYTES) {
    throw invalidRequest(`watch ID must not exceed ${WATCH_ID_MAX_BYTES} bytes`);
  }
  if (!mayReadAll(params)) {
    throw invalidRequest(
      "nothing is watched under a sandbox that hides files; leave `sandbox` away, or list them again",
    );
  }
  const request = { path: nativePath(params.path), recursive: recursive ?? false };
  const { watches } = connection.session;
  // It sees what was changed before.
  await asWireFaults(connection.files.observe(() => watches.watch(watchId, request)));
  return DONE;
}

function unwatch({ watchId }: HoldfastUnwatchParams, { connection }: CallContext): EmptyResult {
  connection.session.watches.unwatch(watchId);
  return DONE;
}

function mayReadAll({ sandbox }: Received<HoldfastWatchParams>): boolean {
  if (sandbox === undefined || sandbox === null) return true;
  try {
    return isOpen(sandbox, "read");
  } catch (thrown) {
    throw toWireFault(thrown);
  }
}

/** What happens to files, told as it happens. */
export const watchHandlers = { "holdfast/watch": watch, "holdfast/unwatch": unwatch };
