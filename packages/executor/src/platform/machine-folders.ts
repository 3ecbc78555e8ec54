import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

/** The user's home: what `HOME` says, or the user database where that is no absolute path. */
export function homeFolder({ HOME: home }: Environment): string {
  if (isAbsolute(home)) return home;
  try {
    return userInfo().homedir;
  } catch {
    // An id that the machine has no user for, as in containers.
    return "/";
  }
}

/**
 * Where a user's programs keep what is to outlive them: what `XDG_STATE_HOME` says, else below `HOME`. Undefined where the environment
 * names neither: nothing is kept then, and not in a place that nobody named.
 */
export function stateFolder({ XDG_STATE_HOME: state, HOME: home }: Environment): string | undefined {
  if (isAbsolute(state)) return state;
  return isAbsolute(home) ? join(home, ".local", "state") : undefined;
}

/** Where temporary files go: what `TMPDIR` says, or the usual place where that is no absolute path. */
export function temporaryFolder({ TMPDIR: named }: Environment): string {
  if (isAbsolute(named)) return named;
  const usual = tmpdir();
  return isAbsolute(usual) ? usual : "/tmp";
}

function isAbsolute(path: string | undefined): path is string {
  return path?.startsWith("/") === true;
}
