import type { EnvironmentInfo } from "./environment.ts";

/** Opens a session, or resumes one that lost its connection. */
export interface InitializeParams {
  /** Name of the program that calls, for logs. */
  clientName: string;
  /** Session to resume. Absent or null: a new one. */
  resumeSessionId?: string | null;
}

/** The session that this connection now holds. */
export interface InitializeResult {
  /** UUID text; the value to send as `resumeSessionId` after the connection was lost. */
  sessionId: string;
  /** What `environment/info` would answer. Since 0.150. */
  environmentInfo?: EnvironmentInfo | null;
}
