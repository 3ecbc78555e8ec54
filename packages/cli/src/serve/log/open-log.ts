import { abandonOutput } from "../../command-line/flushed.ts";
import type { LogSettings } from "./log-settings.ts";
import { ServeLog } from "./serve-log.ts";

const STDERR = 2;

/** The log of this program on stderr. */
export function openLog(settings: LogSettings, stderr: NodeJS.WriteStream): ServeLog {
  // The end of the program waits for who reads it no longer than for other output that nobody takes.
  abandonOutput(stderr);
  return new ServeLog(settings, { stream: stderr, fd: STDERR });
}
