import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

type Variables = Readonly<Record<string, string | undefined>>;

/** Where clients put the program when they come by ssh to this user of this machine: as the script says that they run. */
export function programCache({ XDG_CACHE_HOME: cache, HOME: home }: Variables): string {
  return join(cache !== undefined && isAbsolute(cache) ? cache : join(home || homedir(), ".cache"), "holdfast");
}

/** The same, made if it was not there and can be. */
export function madeProgramCache(env: Variables): string {
  const folder = programCache(env);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    // Nobody puts a program there either.
  }
  return folder;
}
