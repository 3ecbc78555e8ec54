import { copyFailure } from "./copy-failure.ts";
import { systemCalls } from "./held-folders.ts";

/** What is at a local place. */
export type LocalKind = "folder" | "file" | "link" | "special" | "absent";

/** @throws TransferError it can not be told. */
export async function localKind(
  path: Buffer,
  text: string,
  { followLinks }: { readonly followLinks: boolean },
): Promise<LocalKind> {
  try {
    const stats = await (followLinks ? systemCalls.stat(path) : systemCalls.lstat(path));
    if (stats.isDirectory()) return "folder";
    if (stats.isFile()) return "file";
    return stats.isSymbolicLink() ? "link" : "special";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "absent";
    throw copyFailure(`cannot write ${text}`, error);
  }
}
