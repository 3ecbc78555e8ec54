import { type Handler, LINUX_INFO } from "./fake-exec-server.ts";

/** Session that every server here opens, unless it misbehaves in just that. */
export const SESSION_ID = "session-1";

/** A decent answer to `initialize`. */
export const openSession = (sessionId: string = SESSION_ID) => ({ sessionId, environmentInfo: LINUX_INFO });

/** Treats a resume in its own way, and opens new sessions decently. */
export const onResume =
  (handler: Handler): Handler =>
  (params, server) =>
    typeof params.resumeSessionId === "string" ? handler(params, server) : openSession();
