import type { FileView } from "../machine.ts";

const MAX_POINTER_BYTES = 4_096;

/** The path as the kernel sees it, which is what rules are compared with: `/tmp` is a link on macOS. What is missing is kept. */
export function realPathOf(path: string, files: FileView): string {
  const missing: string[] = [];
  for (let existing = path; existing !== "/"; existing = parentOf(existing)) {
    const real = files.realpath(existing);
    if (real !== undefined) return [real === "/" ? "" : real, ...missing].join("/") || "/";
    missing.unshift(existing.slice(existing.lastIndexOf("/") + 1));
  }
  return `/${missing.join("/")}`;
}

/** The repository that a `.git` file in a folder points to. */
export function gitdirOf(root: string, files: FileView): string | undefined {
  const pointer = `${root === "/" ? "" : root}/.git`;
  if (files.kindOf(pointer) !== "file") return undefined;
  const [, named] = /^gitdir:\s*(.+?)\s*$/m.exec(files.readText(pointer, MAX_POINTER_BYTES) ?? "") ?? [];
  if (named === undefined) return undefined;
  return files.realpath(named.startsWith("/") ? named : `${root}/${named}`);
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}
