/** What a record says besides its message, by names in camel case. `undefined` is left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Where the executor writes what an operator may want to know. Never payloads, environment values or file content. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  /** Who came and went, and what was started. Absent: nobody wants to know, and nothing is put together for it. */
  readonly info?: ((message: string, fields?: LogFields) => void) | undefined;
  warn(message: string, fields?: LogFields): void;
  /** Something that must not happen. Absent: it is a warning. */
  readonly error?: ((message: string, fields?: LogFields) => void) | undefined;
}

export const silentLog: Log = { debug: () => {}, warn: () => {} };
