import type { Context } from "../command-line/context.ts";

/** What of this process the way to an executor depends on. */
export interface RemoteContext extends Pick<Context, "env"> {
  /** A terminal where somebody can be asked. Default: nobody is there. */
  readonly stderr?: Pick<Context["stderr"], "isTTY"> | undefined;
}
