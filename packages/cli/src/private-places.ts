import { madeRuntimeFolder, runtimeFolder } from "./executor/default-socket.ts";
import { withoutLogin } from "./proxy/without-login.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * What no confined command may see, whatever its profile: the sockets of this user's executors, through which it would be free. The
 * folders are made if they are not there, so that no command makes one with sockets of its own in it.
 */
export function privatePlaces(env: Variables): readonly string[] {
  return [...new Set([socketFolder(env), socketFolder(withoutLogin(env))])];
}

function socketFolder(env: Variables): string {
  try {
    return madeRuntimeFolder(env);
  } catch {
    // Whoever would use it is told why it can't be used.
    return runtimeFolder(env);
  }
}
