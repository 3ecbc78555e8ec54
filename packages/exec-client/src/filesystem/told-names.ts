import { InvalidMessageError } from "@holdfast/exec-server-protocol";
import { conventionOf, type PathUri, startsWith, toNativeBytes } from "@holdfast/path-uri";
import type { KnownConvention } from "../paths.ts";

const SLASH = 0x2f;

/**
 * A name that the executor tells is about to be joined to a path, here or by the caller: one that leads elsewhere is none.
 *
 * @throws InvalidMessageError
 */
export function checkToldName(
  name: string,
  convention: KnownConvention,
  told: { method: string; index: number },
): void {
  const leadsElsewhere = name === "" || name === "." || name === ".." || name.includes("/") || name.includes("\0");
  if (!leadsElsewhere && (convention !== "windows" || !/[\\:]/.test(name))) return;
  const message = `${JSON.stringify(name)} is no name of something in a folder`;
  throw new InvalidMessageError(told.method, "result", { message, path: ["entries", told.index, "fileName"] });
}

/**
 * What is found in a folder, or happens in it, lies in it.
 *
 * @param told - Where the path stood.
 * @throws InvalidMessageError
 */
export function checkToldPath(
  path: PathUri,
  folder: PathUri,
  told: { readonly method: string; readonly part?: "result" | "params"; readonly member: readonly PropertyKey[] },
): void {
  if (startsWith(path, folder) || isBelowAsBytes(path, folder)) return;
  const { method, part = "result", member } = told;
  throw new InvalidMessageError(method, part, { message: `${path} does not lie in ${folder}`, path: member });
}

/** Some paths have no ordinary spelling as a URI; the names that the system sees tell. */
function isBelowAsBytes(path: PathUri, folder: PathUri): boolean {
  if (conventionOf(path) !== "posix" || conventionOf(folder) !== "posix") return false;
  const [below, above] = [toNativeBytes(path), toNativeBytes(folder)];
  const end = above.at(-1) === SLASH ? above.length - 1 : above.length;
  return (
    (below.length === end || below[end] === SLASH) && above.subarray(0, end).every((byte, at) => below[at] === byte)
  );
}
