import type { Handlers } from "./fake-exec-server.ts";
import { NO_ANSWER } from "./scripted-server.ts";

/** Drops the connection as soon as a call of this method arrives. */
export function hangsUpAt(method: string): Handlers {
  return {
    [method]: (_, server) => {
      server.hangUp();
      return NO_ANSWER;
    },
  };
}
