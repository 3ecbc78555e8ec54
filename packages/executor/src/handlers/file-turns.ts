import type { EmptyResult } from "@holdfast/exec-server-protocol";
import type { PathUri } from "@holdfast/path-uri";
import type { ParsedFileSystemSandboxContext } from "@holdfast/permission-profile";
import { type FileAccess, type FileOperations, fileOperationsFor } from "../confined-files/index.ts";
import type { CallContext } from "../session/call-context.ts";
import { asWireFaults, type RequestPlace, toWireFault } from "./faults.ts";

/** Empty answer of every change. */
const DONE = {};

/** A request that may be confined: decoding it has parsed what to. */
interface Confinable {
  readonly sandbox?: ParsedFileSystemSandboxContext | null;
  readonly path?: PathUri;
  readonly folder?: PathUri;
  readonly sourcePath?: PathUri;
  readonly existingPath?: PathUri | null;
  readonly destinationPath?: PathUri;
}

/** What a request names, for its faults. */
function placeOf({ path, folder, sourcePath, existingPath, destinationPath }: Confinable): RequestPlace {
  const isLink = existingPath !== undefined && existingPath !== null;
  const from = isLink ? existingPath : (sourcePath ?? path ?? folder);
  const to = isLink ? path : destinationPath;
  return { ...(from !== undefined && { path: from }), ...(to !== undefined && { destination: to }) };
}

/** @throws RpcFault when the sandbox of the request can't be had. */
export function operations({ sandbox }: Confinable, access: FileAccess, { connection }: CallContext): FileOperations {
  try {
    return fileOperationsFor(sandbox ?? undefined, access, connection.helpers);
  } catch (thrown) {
    throw toWireFault(thrown);
  }
}

/** Look at files: side by side with other looks, after the changes asked for before. */
export function observe<T>(
  params: Confinable,
  context: CallContext,
  operation: (files: FileOperations) => Promise<T>,
): Promise<T> {
  const files = operations(params, "read", context);
  return asWireFaults(
    context.connection.files.observe(() => operation(files)),
    placeOf(params),
  );
}

/** Change files: after everything asked for before. */
export function change(
  params: Confinable,
  context: CallContext,
  operation: (files: FileOperations) => Promise<unknown>,
): Promise<EmptyResult> {
  return toldChange(params, context, operation).then(() => DONE);
}

/** As {@link change}, where there is something to tell about it. */
export function toldChange<T>(
  params: Confinable,
  context: CallContext,
  operation: (files: FileOperations) => Promise<T>,
): Promise<T> {
  const files = operations(params, "write", context);
  return asWireFaults(
    context.connection.files.change(() => operation(files)),
    placeOf(params),
  );
}
