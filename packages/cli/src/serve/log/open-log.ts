import type { Context } from "../../command-line/context.ts";
import { abandonOutput } from "../../command-line/flushed.ts";
import { isJournal, journalPrefix } from "./journal.ts";
import type { LogSettings } from "./log-settings.ts";
import { ServeLog } from "./serve-log.ts";

const STDERR = 2;

/** The log of this program on stderr. */
export function openLog(settings: LogSettings, { env, stderr }: Pick<Context, "env" | "stderr">): ServeLog {
  // The end of the program waits for who reads it no longer than for other output that nobody takes.
  abandonOutput(stderr);
  const prefixOf = isJournal(env, STDERR) ? journalPrefix : undefined;
  return new ServeLog(settings, { stream: stderr, fd: STDERR }, prefixOf);
}
