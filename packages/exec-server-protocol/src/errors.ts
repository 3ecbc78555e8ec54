/** One code of the closed table. */
interface ErrorRow {
  readonly code: number;
  /** When it is used. */
  readonly meaning: string;
}

/** Every code that crosses the wire, plus the one that stands for a lost connection on the client's side. */
export const ERRORS = {
  InvalidRequest: {
    code: -32600,
    meaning:
      "malformed message (id -1), a step out of turn in the handshake, an unknown session or process, a file system refusal",
  },
  MethodNotFound: { code: -32601, meaning: "the peer does not know the method" },
  InvalidParams: { code: -32602, meaning: "the params do not decode, or a value in them is refused" },
  InternalError: { code: -32603, meaning: "the operating system refused, or the peer failed" },
  NotFound: { code: -32004, meaning: "no such file, or no such file handle" },
  SessionAttached: { code: -32010, meaning: "another connection holds the session; the only code worth a retry" },
  TransportClosed: { code: -32000, meaning: "the connection is gone; made by clients, never sent" },
} as const satisfies Record<string, ErrorRow>;

/** Name of a code. */
export type ErrorName = keyof typeof ERRORS;

/** Codes by name. */
export const ERROR_CODES = {
  InvalidRequest: ERRORS.InvalidRequest.code,
  MethodNotFound: ERRORS.MethodNotFound.code,
  InvalidParams: ERRORS.InvalidParams.code,
  InternalError: ERRORS.InternalError.code,
  NotFound: ERRORS.NotFound.code,
  SessionAttached: ERRORS.SessionAttached.code,
  TransportClosed: ERRORS.TransportClosed.code,
} as const satisfies Record<ErrorName, number>;

/** Any code of the table. */
export type ErrorCode = (typeof ERROR_CODES)[ErrorName];

/** The name of a code, or undefined for one outside the table. */
export function errorNameOf(code: number): ErrorName | undefined {
  for (const [name, row] of Object.entries(ERRORS)) if (row.code === code) return name as ErrorName;
  return undefined;
}
