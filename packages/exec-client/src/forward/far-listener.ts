import type { FarEnd } from "./far-end.ts";
import type { Forwarding } from "./types.ts";

/** Somebody who has connected there. */
export interface Incoming {
  /** Once, unless it is refused. */
  open(): Promise<FarEnd>;
  /** Have a reset seen there. */
  refuse(): Promise<void>;
}

/** What listens on the executor's machine. */
export interface FarListener {
  readonly via: Forwarding["via"];
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** The next one who connects. @throws Error - There will be none. */
  accept(): Promise<Incoming>;
  close(): Promise<void>;
}
