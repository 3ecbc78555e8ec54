import type { PathConvention } from "@holdfast/path-uri";

/** Could this subpath lead out of the root that it is meant for, or be read as another path than the one it spells? */
export function leavesRoot(subpath: string, convention: PathConvention): boolean {
  const isWindows = convention === "windows";
  if (subpath.includes("\0") || /\p{Surrogate}/u.test(subpath)) return true;
  if (isWindows ? /^[\\/]|:/.test(subpath) : subpath.startsWith("/")) return true;
  return subpath.split(isWindows ? /[\\/]/ : "/").some((name) => name === "." || name === "..");
}

/** Could this subpath lead out of its root on some machine? */
export function leavesRootSomewhere(subpath: string): boolean {
  return leavesRoot(subpath, "posix") || leavesRoot(subpath, "windows");
}
