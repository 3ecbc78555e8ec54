/** Where the executor writes what an operator may want to know. Never payloads, environment values or file content. */
export interface Log {
  debug(message: string): void;
  warn(message: string): void;
}

export const silentLog: Log = { debug: () => {}, warn: () => {} };
