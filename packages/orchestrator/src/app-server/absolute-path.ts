import { posix, win32 } from "node:path";
import type { Environment } from "@holdfast/exec-client";
import { invalidRequest } from "./faults.ts";

/** A path that has to be an absolute one of the executor's system, without `.` and `..`. @throws RpcFault - −32600, as params that can not be read. */
export function absolutePath(path: string, { pathConvention }: Pick<Environment, "pathConvention">): string {
  const { isAbsolute, normalize } = pathConvention === "windows" ? win32 : posix;
  if (!isAbsolute(path)) throw invalidRequest("Invalid request: AbsolutePathBuf deserialized without a base path");
  const clean = normalize(path);
  return clean.length > 1 && clean.endsWith("/") ? clean.slice(0, -1) : clean;
}
