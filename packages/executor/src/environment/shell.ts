import { userInfo } from "node:os";
import { basename } from "node:path";

/** A shell as clients want it: what kind it is and where it lies. */
export interface Shell {
  readonly name: string;
  /** Native path. */
  readonly path: string;
}

const KNOWN = new Set(["bash", "zsh", "sh"]);
const FALLBACK: Shell = { name: "sh", path: "/bin/sh" };

function accountShell(): string | undefined {
  try {
    return userInfo().shell ?? undefined;
  } catch {
    // No entry for this user id, as in many containers.
    return undefined;
  }
}

/** The user's shell: of the account, else of the environment, else `sh`. Shells that clients cannot speak to are passed over. */
export function detectShell(env: Readonly<Record<string, string | undefined>>): Shell {
  for (const path of [accountShell(), env.SHELL]) {
    if (path === undefined || !path.startsWith("/")) continue;
    const name = basename(path);
    if (KNOWN.has(name)) return { name, path };
  }
  return FALLBACK;
}
