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
      "an unknown method, params that do not decode, a request before `initialize`, an experimental method or member without the opt-in, a state that does not allow it",
  },
  MethodNotFound: {
    code: -32601,
    meaning:
      "a request that the other side knows and does not serve; of a server of Codex also one that a thread can not be asked yet",
  },
  InvalidParams: { code: -32602, meaning: "a value in the params is refused: sizes, timeouts, input that is too long" },
  InternalError: {
    code: -32603,
    meaning: "the operating system refused, a command did not start, an MCP server failed",
  },
  Overloaded: {
    code: -32001,
    meaning: "too many requests wait; none of this one was done, and it may be sent again later",
  },
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
  Overloaded: ERRORS.Overloaded.code,
  TransportClosed: ERRORS.TransportClosed.code,
} as const satisfies Record<ErrorName, number>;

/** Any code of the table. */
export type ErrorCode = (typeof ERROR_CODES)[ErrorName];

/** The name of a code, or undefined for one outside the table. */
export function errorNameOf(code: number): ErrorName | undefined {
  for (const [name, row] of Object.entries(ERRORS)) if (row.code === code) return name as ErrorName;
  return undefined;
}
