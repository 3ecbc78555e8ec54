import { madeRuntimeFolder, runtimeFolder } from "./executor/default-socket.ts";

/**
 * What no confined command may see, whatever its profile: the sockets of this user's executors, through which it would be free. The folder is made if
 * it is not there, so that no command makes one with sockets of its own in it.
 */
export function privatePlaces(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  try {
    return [madeRuntimeFolder(env)];
  } catch {
    // Whoever would use it is told why it can't be used.
    return [runtimeFolder(env)];
  }
}
