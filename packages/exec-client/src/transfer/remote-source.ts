import { type PathUri, toNativePath } from "@holdfast/path-uri";
import { isLinkError } from "@holdfast/rpc";
import type { FileMetadata, FileStats } from "../filesystem/types.ts";
import { retryAcrossReconnects } from "../retry-across-reconnects.ts";
import { copyFailure, refuseFolder, refuseSpecial } from "./copy-failure.ts";
import type { Endpoint } from "./endpoint.ts";
import type { Asking } from "./remote-destination.ts";
import { remotePath } from "./remote-path.ts";
import { PERMISSION_BITS } from "./transfer.ts";

/** The wire of Codex does not tell a file's mode. GNU and BSD `stat` do, each in its own way. */
const TELL_MODE = 'stat -L -c %a "$1" 2>/dev/null || stat -L -f %Lp "$1"';

/** A regular file on the executor. */
export interface RemoteSource {
  readonly path: PathUri;
  readonly size: number;
  /** Permission bits, where they came along. */
  readonly mode?: number;
}

/** A regular file on the executor. @throws TransferError there is none. */
export async function remoteSource({ executor, signal }: Asking, endpoint: Endpoint): Promise<RemoteSource> {
  const path = remotePath(endpoint.path, executor.environment, endpoint.text);
  try {
    const { isDirectory, isFile, size, mode } = await look({ executor, signal }, path);
    if (isDirectory) throw refuseFolder(endpoint.text);
    if (!isFile) throw refuseSpecial(endpoint.text);
    return { path, size, ...(mode === undefined ? {} : { mode: mode & PERMISSION_BITS }) };
  } catch (error) {
    signal.throwIfAborted();
    throw copyFailure(`cannot read ${endpoint.text}`, error);
  }
}

function look({ executor, signal }: Asking, path: PathUri): Promise<FileMetadata & Partial<Pick<FileStats, "mode">>> {
  // Elsewhere a program is started for that, which small copies of text need not wait for.
  const { holdfastFiles } = executor.environment.capabilities;
  return holdfastFiles ? executor.fs.stat(path, { signal }) : executor.fs.metadata(path, { signal });
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
