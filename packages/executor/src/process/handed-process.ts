import type { SandboxType } from "@holdfast/sandbox";
import type { TerminalSize } from "./child.ts";
import type { Exit } from "./exit.ts";
import type { HandedChild } from "./handed-child.ts";
import type { HandedInput } from "./input-queue.ts";
import type { HandedLog } from "./output-log.ts";
import type { ProcessFacts } from "./process-facts.ts";

/** A process that another program goes on with. */
export interface HandedProcess {
  readonly id: string;
  readonly hasInput: boolean;
  readonly facts: ProcessFacts;
  readonly serial?: number | undefined;
  /** Absent once it is closed. */
  readonly child?: HandedChild | undefined;
  readonly log: HandedLog;
  readonly input: HandedInput;
  /** Of its terminal. */
  readonly terminalSize?: TerminalSize | undefined;
  readonly isTerminated: boolean;
  /** Its client has asked that its output waits. */
  readonly isHeldByClient: boolean;
  /** Once it was told. */
  readonly exit?: Exit | undefined;
  /** Of a confined one. */
  readonly sandboxType?: SandboxType | undefined;
}
