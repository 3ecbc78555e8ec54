export type ServiceLogFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Where the service writes what an operator wants to know. Never keys, tokens, authorizations, payloads or the query of a URL. */
export interface ServiceLog {
  /** Who reached what. Absent: nobody wants to know, and nothing is put together for it. */
  readonly info?: ((message: string, fields?: ServiceLogFields) => void) | undefined;
  warn(message: string, fields?: ServiceLogFields): void;
}
