import { dirname, join } from "node:path";
import type { FileView } from "@holdfast/sandbox";

/** As many as the system itself follows. */
const MAX_LINKS = 40;

/** Where a path leads. */
export interface FollowedPath {
  /** Without links as far as it exists; what does not exist is kept as it is written. */
  readonly path: string;
  /** The links on the way, in their order; where each is, the folders above it without links. */
  readonly links: readonly string[];
  readonly exists: boolean;
}

/** Follow every link of an absolute path. A loop leads nowhere: its last link stands for it. */
export function followLinks(path: string, files: Pick<FileView, "readlink" | "kindOf">): FollowedPath {
  const links: string[] = [];
  const pending = namesOf(path);
  let current = "/";
  let exists = true;
  for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
    if (name === "..") {
      current = dirname(current);
      continue;
    }
    const next = join(current, name);
    const target: string | undefined = exists ? files.readlink(next) : undefined;
    if (target === undefined || links.length === MAX_LINKS) {
      current = next;
      exists = exists && target === undefined && files.kindOf(next) !== undefined;
      continue;
    }
    links.push(next);
    if (target.startsWith("/")) current = "/";
    pending.unshift(...namesOf(target));
  }
  return { path: current, links, exists };
}

function namesOf(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}
