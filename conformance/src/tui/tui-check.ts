import type { BadLine } from "@holdfast/testkit";
import type { CodexTui } from "./codex-tui.ts";
import type { Place } from "./placed.ts";

/** What a check may use. */
export interface TuiGround {
  /** Before the same server for all checks of a session. */
  readonly tui: CodexTui;
  /** Working folder of the server. */
  readonly folder: string;
  readonly place: Place;
  /** The line between the terminal user interface and the server. */
  readonly line: BadLine;
  /** The line between the server and the executor that threads are placed on. Undefined: there is none. */
  readonly executorLine: BadLine | undefined;
  /** Kill the server, and start another one at its address. */
  restart(): Promise<void>;
  /** The one in which something was said last: a check that fails is followed by another session, with a thread of its own. */
  lastSession(): CodexTui;
  /** Another one before the same server, with these words before its options. Closed after the session. */
  open(args: readonly string[]): Promise<CodexTui>;
}

/** One thing that a person does in a terminal, and what has to be seen then. */
export interface TuiCheck {
  readonly id: string;
  /** What holds, in a sentence. */
  readonly sentence: string;
  /** Only where threads are placed elsewhere. */
  readonly isElsewhere?: true;
  run(ground: TuiGround): Promise<void>;
}
