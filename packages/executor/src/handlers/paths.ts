import { type PathUri, pathUriFromNativeBytes, toNativeBytes } from "@holdfast/path-uri";
import { invalidParams, invalidRequest } from "./faults.ts";

/** Whose rules decide which paths are native here. */
const HOST_OS = process.platform === "darwin" ? "macos" : "linux";

function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** A path of a file request in native bytes. @throws RpcFault −32600 for a path of another kind of machine. */
export function nativePath(uri: PathUri): Buffer {
  try {
    return Buffer.from(toNativeBytes(uri, HOST_OS));
  } catch (thrown) {
    throw invalidRequest(reason(thrown));
  }
}

/** A working folder in native bytes. @throws RpcFault −32602 for a path of another kind of machine. */
export function nativeCwd(uri: PathUri): Buffer {
  try {
    return Buffer.from(toNativeBytes(uri, HOST_OS));
  } catch (thrown) {
    throw invalidParams(`cwd URI \`${uri}\` is not valid on this exec-server host: ${reason(thrown)}`);
  }
}

export function uriOf(path: Buffer): PathUri {
  return pathUriFromNativeBytes(path);
}
