import type { Log, LogFields } from "@holdfast/executor";
import { type LineTarget, LineWriter } from "./line-writer.ts";
import { logLine } from "./log-line.ts";
import { isLogged, type LogSettings, type Severity } from "./log-settings.ts";

type Record = (message: string, fields?: LogFields) => void;

type ServeLogSettings = Pick<LogSettings, "level" | "format">;

/** The log of `serve`: one line per record, which waits for nobody. Its level may be changed while it is in use. */
export class ServeLog implements Log {
  readonly #writer: LineWriter;
  readonly #prefixOf: (severity: Severity) => string;
  readonly #info: Record = (message, fields) => this.#record("info", message, fields);
  #settings: ServeLogSettings;

  /** @param prefixOf - What a record begins with. Default nothing. */
  constructor(settings: ServeLogSettings, target: LineTarget, prefixOf: (severity: Severity) => string = () => "") {
    this.#settings = settings;
    this.#prefixOf = prefixOf;
    this.#writer = new LineWriter(target, (count) =>
      this.#line("warn", "records of this log were dropped: what reads it, or the disk, did not take them", { count }),
    );
  }

  get settings(): ServeLogSettings {
    return this.#settings;
  }

  change(settings: Partial<ServeLogSettings>): void {
    this.#settings = { ...this.#settings, ...settings };
  }

  /** Absent while nobody wants to read it, so that nothing is put together for it. */
  get info(): Record | undefined {
    return isLogged("info", this.#settings.level) ? this.#info : undefined;
  }

  debug(message: string, fields?: LogFields): void {
    this.#record("debug", message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#record("warn", message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.#record("error", message, fields);
  }

  #record(severity: Severity, message: string, fields: LogFields = {}): void {
    if (isLogged(severity, this.#settings.level)) this.#writer.write(this.#line(severity, message, fields));
  }

  #line(severity: Severity, message: string, fields: LogFields): string {
    const line = logLine(this.#settings.format, { time: new Date(), severity, message, fields });
    return `${this.#prefixOf(severity)}${line}`;
  }
}
