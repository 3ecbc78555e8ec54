import type { Log } from "@holdfast/executor";
import { printable } from "../command-line/printable.ts";

/** How much an operator wants to read. */
export const LOG_LEVELS = ["off", "warn", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One line per message, with the time; what a client wrote into it can not look like another line, or steer a terminal. */
export function stderrLog(level: LogLevel, stderr: Pick<NodeJS.WriteStream, "write">): Log {
  const line = (severity: LogLevel) => (message: string) => {
    stderr.write(`${new Date().toISOString()} ${severity} ${printable(message)}\n`);
  };
  const silent = (): void => {};
  return { warn: level === "off" ? silent : line("warn"), debug: level === "debug" ? line("debug") : silent };
}
