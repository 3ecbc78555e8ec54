import type { ProcessReadResult, Received } from "@holdfast/exec-server-protocol";

/** The answer to a `process/read`, its output as bytes. */
export type ReadResult = Received<ProcessReadResult>;
