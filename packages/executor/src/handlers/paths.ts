import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import { type PathUri, pathUriFromNativeBytes, toNativeBytes } from "@holdfast/path-uri";
import { RpcFault } from "@holdfast/rpc";
import { checkSocketPath } from "@holdfast/rpc/unix-socket";
import { PATH_MAX_BYTES } from "../filesystem/index.ts";
import { osErrorText } from "../platform/os-error.ts";
import { invalidParams, invalidRequest } from "./faults.ts";

/** Whose rules decide which paths are native here. */
const HOST_OS = process.platform === "darwin" ? "macos" : "linux";

function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * A path of a file request in native bytes.
 *
 * @param member - Of the params, where the path is from.
 * @throws RpcFault −32600 for a path of another kind of machine, −32603 for one that is longer than any call takes.
 */
export function nativePath(uri: PathUri, member = "path"): Buffer {
  try {
    return bounded(Buffer.from(toNativeBytes(uri, HOST_OS)), member);
  } catch (thrown) {
    throw thrown instanceof RpcFault ? thrown : invalidRequest(reason(thrown));
  }
}

/** A working folder in native bytes. @throws RpcFault −32602 for a path of another kind of machine, −32603 as above. */
export function nativeCwd(uri: PathUri): Buffer {
  try {
    return bounded(Buffer.from(toNativeBytes(uri, HOST_OS)), "cwd");
  } catch (thrown) {
    if (thrown instanceof RpcFault) throw thrown;
    throw invalidParams(`cwd URI \`${uri}\` is not valid on this exec-server host: ${reason(thrown)}`);
  }
}

/** The path of a unix socket as text. @throws RpcFault −32602 for one that no socket can have, or that is no text. */
export function socketPath(uri: PathUri): string {
  const bytes = nativePath(uri);
  const path = bytes.toString("utf8");
  if (!Buffer.from(path).equals(bytes))
    throw invalidParams("path must be UTF-8: no other path of a socket can be used");
  try {
    checkSocketPath(path);
  } catch (thrown) {
    throw invalidParams(`path: ${reason(thrown)}`);
  }
  return path;
}

/** What no call would take costs nothing beyond its reading. */
function bounded(path: Buffer, member: string): Buffer {
  if (path.length <= PATH_MAX_BYTES) return path;
  const text = osErrorText("ENAMETOOLONG") ?? "ENAMETOOLONG";
  throw new RpcFault(
    ERROR_CODES.InternalError,
    `${text}: \`${member}\` has ${path.length} bytes, at most ${PATH_MAX_BYTES} are possible`,
  );
}

export function uriOf(path: Buffer): PathUri {
  return pathUriFromNativeBytes(path);
}
