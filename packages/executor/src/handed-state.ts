import type { HandedRun } from "./confinement/index.ts";
import type { HandedGroups } from "./control-groups/index.ts";
import type { HandedGuard } from "./guardian/index.ts";
import type { IncomingBytes } from "./platform/handed-bytes.ts";
import type { HandedSession } from "./session/session.ts";

/** What an executor hands to the next program in this very process, as plain data. */
export interface HandedExecutor {
  readonly guard: HandedGuard;
  readonly groups: HandedGroups;
  readonly targetsUser: string;
  readonly runs: readonly HandedRun[];
  readonly sessions: readonly HandedSession[];
}

/** What is in the text. */
export interface HandedText<T> {
  /** Tells this process from every other. */
  readonly identity: string | undefined;
  readonly executor: HandedExecutor;
  /** Of the program that embeds the executor. */
  readonly program: T;
}

/** What a program left for the next one in its process. */
export interface HandedState<T> extends HandedText<T> {
  readonly bytes: IncomingBytes;
}
