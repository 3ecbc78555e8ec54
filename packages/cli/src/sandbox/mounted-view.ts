import type { LaunchPlan } from "@holdfast/sandbox";

export type Access = "read" | "write" | "none";

/** What one mount makes of a folder or file, and of what is below it. */
export interface Mount {
  readonly path: string;
  readonly access: Access;
  /** `own`: of the sandbox, not of the machine. `cover`: nothing of what is there. `show`: what is there. */
  readonly kind: "show" | "cover" | "own";
}

/** Of a folder for everybody: memory that the command has of its own. */
const SHARED_MODE = "1777";

/** Words of bubblewrap that take values and have no say in what can be read or written. */
const VALUES_OF_OTHERS: Readonly<Record<string, number>> = {
  "--cap-drop": 1,
  "--seccomp": 1,
  "--chdir": 1,
  "--argv0": 1,
  "--setenv": 2,
  "--remount-ro": 1,
  "--dir": 1,
};

/** The files of a command under bubblewrap, read off the words that make them. */
export class MountedView {
  readonly #mounts: readonly Mount[];
  readonly #links: ReadonlySet<string>;

  private constructor(mounts: readonly Mount[], links: ReadonlySet<string>) {
    this.#mounts = mounts;
    this.#links = links;
  }

  /** @returns undefined for a plan that wraps nothing, and for one of another wrapper than bubblewrap. */
  static of(plan: LaunchPlan): MountedView | undefined {
    const at = plan.args.indexOf("--args");
    if (plan.sandboxType !== "linuxSeccomp" || at === -1) return undefined;
    const content = plan.descriptors.find(({ fd }) => String(fd) === plan.args[at + 1])?.content;
    const words = new TextDecoder().decode(content).split("\0");
    return MountedView.#read(words.slice(0, -1));
  }

  static #read(words: readonly string[]): MountedView {
    const mounts: Mount[] = [];
    const links = new Set<string>();
    let mode: string | undefined;
    for (let at = 0; at < words.length; at += 1) {
      const [word = "", first = "", second = ""] = words.slice(at, at + 3);
      const count = VALUES_OF_OTHERS[word] ?? valuesOf(word);
      at += count;
      if (word === "--symlink") links.add(second);
      const mount = mountOf(word, first, second, mode);
      if (mount !== undefined) mounts.push(mount);
      // Both are about the next mount, in any order.
      if (word !== "--size") mode = word === "--perms" ? first : undefined;
    }
    return new MountedView(mounts, links);
  }

  /** The mount that a path without links is in: the last one at or above it. */
  mountOf(path: string): Mount {
    const mount = this.#mounts.findLast((each) => isAtOrAbove(each.path, path));
    return mount ?? { path: "/", access: "none", kind: "cover" };
  }

  /** Was a link put there for the command, although the folder around it is hidden? */
  hasLink(path: string): boolean {
    return this.#links.has(path);
  }
}

function valuesOf(word: string): number {
  if (/^--(?:ro-|dev-)?bind(?:-try)?$|^--symlink$/.test(word)) return 2;
  return /^--(?:dev|proc|tmpfs|perms|size)$/.test(word) ? 1 : 0;
}

function mountOf(word: string, first: string, second: string, mode: string | undefined): Mount | undefined {
  switch (word) {
    case "--bind":
    case "--bind-try":
    case "--dev-bind":
      return { path: second, access: "write", kind: "show" };
    case "--ro-bind":
      return first === second
        ? { path: second, access: "read", kind: "show" }
        : { path: second, access: "none", kind: "cover" };
    case "--tmpfs":
      if (mode === SHARED_MODE) return { path: first, access: "write", kind: "own" };
      return { path: first, access: mode === "555" ? "read" : "none", kind: "cover" };
    case "--dev":
      return { path: first, access: "write", kind: "own" };
    case "--proc":
      return { path: first, access: "read", kind: "own" };
    default:
      return undefined;
  }
}

function isAtOrAbove(folder: string, path: string): boolean {
  return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}
