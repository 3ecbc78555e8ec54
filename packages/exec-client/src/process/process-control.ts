import type { SignalName } from "./signal-names.ts";
import type { TerminalSize } from "./terminal-size.ts";

/** What can be asked about one process besides what every executor can be asked. */
export interface ProcessControl {
  /**
   * Send a signal to its process group.
   *
   * @returns false when there is none any more. @throws UnsupportedError this executor has no way to.
   */
  signal(name: SignalName): Promise<boolean>;
  /** Set the size of its terminal. @throws UnsupportedError this executor has no way to. */
  resize(size: TerminalSize): Promise<void>;
  /** Close its stdin behind what was written. @throws UnsupportedError this executor has no way to. */
  closeStdin(): Promise<void>;
  /** End it with all that descends from it, asked first; undefined where the executor does not do that by itself. */
  readonly end: ((graceMs: number, forget: boolean) => Promise<void>) | undefined;
  /** Kill what has left its group, as far as it is found. */
  endDescendants(): Promise<void>;
}
