import type { ServeWords } from "../serve-words.ts";

/** How much an operator wants to read: each level has what those before it have. */
export const LOG_LEVELS = ["off", "error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How serious a record is. */
export type Severity = Exclude<LogLevel, "off">;

/** Lines for people, or one JSON object a line for programs. */
export const LOG_FORMATS = ["text", "json"] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

/** What an operator wants to read, and how. */
export interface LogSettings {
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Arguments of commands, too. */
  readonly withArguments: boolean;
}

/**
 * Read `--log-level`, `--log-format` and `--log-commands`.
 *
 * @throws UsageError for what is none of the choices.
 */
export function logSettings(words: ServeWords, defaultLevel: LogLevel = "off"): LogSettings {
  return {
    level: words.choice("log-level", LOG_LEVELS) ?? defaultLevel,
    format: words.choice("log-format", LOG_FORMATS) ?? "text",
    withArguments: words.has("log-commands"),
  };
}

/** Whether a log of this level has records of that severity. */
export function isLogged(severity: Severity, level: LogLevel): boolean {
  return LOG_LEVELS.indexOf(severity) <= LOG_LEVELS.indexOf(level);
}
