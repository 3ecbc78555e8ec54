import { tmpdir, userInfo } from "node:os";

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

/** Where temporary files go: what `TMPDIR` says, or the usual place where that is no absolute path. */
export function temporaryFolder({ TMPDIR: named }: Environment): string {
  if (isAbsolute(named)) return named;
  const usual = tmpdir();
  return isAbsolute(usual) ? usual : "/tmp";
}

function isAbsolute(path: string | undefined): path is string {
  return path?.startsWith("/") === true;
}
