import type { Handlers } from "./fake-exec-server.ts";
import { onResume, openSession } from "./sessions.ts";

/** Answers a resume with a session of another id. */
export function otherSession(sessionId = "another-session"): Handlers {
  return {
    initialize: onResume(() => openSession(sessionId)),
  };
}
