import type { LaunchPlan } from "../../src/index.ts";
import { wordsOf } from "./show-plan.ts";

/** What the words for bubblewrap make of a place, and of what is below it. */
export interface WordedMount {
  readonly path: string;
  readonly access: "read" | "write" | "deny";
  /** `own`: of the sandbox, not of the machine. `cover`: nothing of what is there. `show`: what is there. */
  readonly kind: "show" | "cover" | "own";
}

/** Of a folder for everybody: memory that the command has of its own. */
const SHARED_MODE = "1777";

/** How many values a word has, of those that make no mount. */
const VALUES: Readonly<Record<string, number>> = {
  "--cap-drop": 1,
  "--cap-add": 1,
  "--seccomp": 1,
  "--chdir": 1,
  "--remount-ro": 1,
  "--perms": 1,
  "--size": 1,
  "--symlink": 2,
  "--ro-bind-data": 2,
};

/** The mounts of a plan in their order, read off the words that make them. */
export function mountsInWords(plan: LaunchPlan): readonly WordedMount[] {
  const mounts: WordedMount[] = [];
  const words = wordsOf(plan);
  let mode: string | undefined;
  for (let at = 0; at < words.length; at += 1) {
    const [word = "", first = "", second = ""] = words.slice(at, at + 3);
    const mount = mountOf(word, first, second, mode);
    at += mount === undefined ? (VALUES[word] ?? 0) : word.includes("bind") ? 2 : 1;
    if (mount !== undefined) mounts.push(mount);
    // Both are about the next mount, in any order.
    if (word !== "--size") mode = word === "--perms" ? first : undefined;
  }
  return mounts;
}

/** The last one at or above a path. */
export function mountAt(mounts: readonly WordedMount[], path: string): WordedMount | undefined {
  return mounts.findLast((each) => each.path === "/" || each.path === path || path.startsWith(`${each.path}/`));
}

function mountOf(word: string, first: string, second: string, mode: string | undefined): WordedMount | undefined {
  switch (word) {
    case "--bind":
    case "--bind-try":
    case "--dev-bind":
      return { path: second, access: "write", kind: "show" };
    case "--ro-bind":
      return first === second
        ? { path: second, access: "read", kind: "show" }
        : { path: second, access: "deny", kind: "cover" };
    case "--tmpfs":
      if (mode === SHARED_MODE) return { path: first, access: "write", kind: "own" };
      return { path: first, access: mode === "555" ? "read" : "deny", kind: "cover" };
    case "--dev":
      return { path: first, access: "write", kind: "own" };
    case "--proc":
      return { path: first, access: "read", kind: "own" };
    default:
      return undefined;
  }
}
