import { type PathUri, toNativePath } from "@holdfast/path-uri";
import { isLinkError } from "@holdfast/rpc";
import { retryAcrossReconnects } from "../retry-across-reconnects.ts";
import { copyFailure, refuseFolder, refuseSpecial } from "./copy-failure.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Asking } from "./remote-destination.ts";
import { remotePath } from "./remote-path.ts";
import { PERMISSION_BITS } from "./transfer.ts";

/** The wire does not tell a file's mode. GNU and BSD `stat` do, each in its own way. */
const TELL_MODE = 'stat -L -c %a "$1" 2>/dev/null || stat -L -f %Lp "$1"';

/** A regular file on the executor. @throws TransferError there is none. */
export async function remoteSource(
  { executor, signal }: Asking,
  endpoint: Endpoint,
): Promise<{ readonly path: PathUri; readonly size: number }> {
  const path = remotePath(endpoint.path, executor.environment, endpoint.text);
  try {
    const { isDirectory, isFile, size } = await executor.fs.metadata(path, { signal });
    if (isDirectory) throw refuseFolder(endpoint.text);
    if (!isFile) throw refuseSpecial(endpoint.text);
    return { path, size };
  } catch (error) {
    signal.throwIfAborted();
    throw copyFailure(`cannot read ${endpoint.text}`, error);
  }
}

/** Its permission bits; undefined where the executor's system has no way to tell. */
export async function remoteMode({ executor, signal }: Asking, path: PathUri): Promise<number | undefined> {
  if (executor.environment.pathConvention === "windows") return undefined;
  try {
    const argv = ["/bin/sh", "-c", TELL_MODE, "sh", toNativePath(path, "posix")];
    const { stdout } = await retryAcrossReconnects(() => executor.run(argv, { cwd: "/", signal }));
    return /^[0-7]+\s*$/.test(stdout) ? Number.parseInt(stdout, 8) & PERMISSION_BITS : undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (isLinkError(error)) throw copyFailure("cannot tell the permission bits", error);
    return undefined;
  }
}
