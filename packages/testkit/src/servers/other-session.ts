import type { Handlers } from "./fake-exec-server.ts";
import { onResume, openSession } from "./sessions.ts";

/** Answers a resume with a session of another id. */
export const otherSession = (sessionId = "another-session"): Handlers => ({
  initialize: onResume(() => openSession(sessionId)),
});
