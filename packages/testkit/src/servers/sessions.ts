import { type Handler, LINUX_INFO } from "./fake-exec-server.ts";

/** Session that every server here opens, unless it misbehaves in just that. */
export const SESSION_ID = "session-1";

/** A decent answer to `initialize`. */
export function openSession(sessionId: string = SESSION_ID) {
  return { sessionId, environmentInfo: LINUX_INFO };
}

/** Treats a resume in its own way, and opens new sessions decently. */
export function onResume(handler: Handler): Handler {
  return (params, server) => (typeof params.resumeSessionId === "string" ? handler(params, server) : openSession());
}
