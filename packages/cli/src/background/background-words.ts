import type { Credentials } from "../executor/credentials.ts";

/** The command by which this program starts itself as a background connection. Not for people: it reads {@link BackgroundWords} from stdin. */
export const BACKGROUND_COMMAND = "background-line";

/** What it is told, as JSON: there may be secrets in it, which arguments and variables would show to others. */
export interface BackgroundWords {
  readonly url: string;
  readonly credentials: Credentials;
  /** Where to listen. */
  readonly socket: string;
  /** What clients have to name. */
  readonly way: string;
  /** After how long without a client to end. */
  readonly idleMs: number;
}
