import { stat } from "node:fs/promises";
import { type PathUri, pathUriFromNative } from "@holdfast/path-uri";
import { bindContext, type ParsedFileSystemSandboxContext, type PolicyBinding } from "@holdfast/permission-profile";
import type { Context } from "../command-line/context.ts";

/** What the symbolic entries of a context mean on this machine: as for an executor with the environment of this process. */
export async function bindHere(
  context: ParsedFileSystemSandboxContext,
  { env }: Pick<Context, "env">,
): Promise<PolicyBinding> {
  const isFolder = (await stat("/tmp").catch(() => undefined))?.isDirectory() === true;
  const tmpdir = absoluteUri(env.TMPDIR);
  return bindContext(context, {
    convention: "posix",
    home: absoluteUri(env.HOME),
    tmpdir: tmpdir === undefined ? [] : [tmpdir],
    slashTmp: isFolder ? pathUriFromNative("/tmp", "posix") : undefined,
  });
}

function absoluteUri(path: string | undefined): PathUri | undefined {
  return path?.startsWith("/") ? pathUriFromNative(path, "posix") : undefined;
}
