import type { Handlers } from "./fake-exec-server.ts";
import { Refusal } from "./scripted-server.ts";
import { onResume, openSession, SESSION_ID } from "./sessions.ts";

const MESSAGES = {
  [-32600]: `unknown session id ${SESSION_ID}`,
  [-32010]: `session ${SESSION_ID} is already attached to another connection`,
} as const;

/**
 * Refuses to resume: -32600 for a session it forgot, -32010 for one whose old line it still believes in.
 *
 * @param isOver - Asked at every resume; once true it accepts. Default: never.
 */
export function refusesResume(code: keyof typeof MESSAGES, isOver: () => boolean = () => false): Handlers {
  return {
    initialize: onResume(() => {
      if (isOver()) return openSession();
      throw new Refusal(code, MESSAGES[code]);
    }),
  };
}
