import type { FileView } from "../machine.ts";
import { SandboxError } from "../sandbox-error.ts";
import { MAX_LINKS } from "./limits.ts";
import { childOf, namesOf, parentOf } from "./native-path.ts";

/** A symbolic link on the way to a path. */
export interface CrossedLink {
  /** Where the link itself is, every folder above it resolved. */
  readonly path: string;
  /** As the link is written. */
  readonly target: string;
}

/** Where a path really leads. */
export interface ResolvedPath {
  /** Without links as far as it exists; what does not exist is kept as it is written. */
  readonly path: string;
  readonly links: readonly CrossedLink[];
  /** The first part that does not exist. Absent: the path exists. */
  readonly firstMissing: string | undefined;
}

/**
 * Follow every link of an absolute path, and tell which were followed.
 *
 * @throws SandboxError `invalid` for a loop of links.
 */
export function resolveLinks(path: string, files: LinkView): ResolvedPath {
  return follow(path, files, () => {
    throw new SandboxError("invalid", `too many symbolic links on the way to ${path}`);
  });
}

/** As {@link resolveLinks}, but a loop of links is no error: its last link stands for it, as a name that leads nowhere. */
export function followLinks(path: string, files: LinkView): ResolvedPath {
  return follow(path, files, () => undefined);
}

type LinkView = Pick<FileView, "readlink" | "kindOf">;

function follow(path: string, files: LinkView, onLoop: () => void): ResolvedPath {
  const links: CrossedLink[] = [];
  const pending = namesOf(path).reverse();
  let current = "/";
  let firstMissing: string | undefined;
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === "." || name === "..") {
      current = name === "." ? current : parentOf(current);
      continue;
    }
    const next = childOf(current, name);
    const target = firstMissing === undefined ? files.readlink(next) : undefined;
    const isLoop = target !== undefined && links.length === MAX_LINKS;
    if (isLoop) onLoop();
    if (target === undefined || isLoop) {
      current = next;
      if (firstMissing === undefined && (isLoop || files.kindOf(next) === undefined)) firstMissing = next;
      continue;
    }
    links.push({ path: next, target });
    if (target.startsWith("/")) current = "/";
    pending.push(...namesOf(target).reverse());
  }
  return { path: current, links, firstMissing };
}
