import type { HttpServerConfig } from "../config/server-config.ts";
import type { Variables } from "../config/server-variables.ts";
import { BearerTokenError } from "./bearer-token-error.ts";

/** What is sent with every request to a server. */
export interface ServerHeaders {
  readonly headers: Readonly<Record<string, string>>;
  /** Whether they say who is asking: there is no login then. */
  readonly hasCredentials: boolean;
}

/** A header that can not be sent as it is. The value is not told. */
export type HeaderWarning = (text: string) => void;

/**
 * The headers that a configuration asks for. One whose name or value is none is left out with a warning; of those that are variables, one
 * that is unset or blank as well, without a word.
 *
 * @param own - The orchestrator's variables.
 * @throws BearerTokenError - The variable that holds the bearer token is not set, or its value is no token.
 */
export function serverHeaders(
  name: string,
  http: HttpServerConfig,
  own: Variables,
  warn: HeaderWarning = () => {},
): ServerHeaders {
  const headers = new Headers();
  for (const [header, value] of Object.entries(http.httpHeaders)) setHeader(headers, header, value, warn);
  for (const [header, variable] of Object.entries(http.envHttpHeaders)) {
    const value = variableOf(own, variable);
    if (value !== undefined && value.trim() !== "") setHeader(headers, header, value, warn);
  }
  const token = bearerTokenOf(name, http.bearerTokenEnvVar, own);
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  return { headers: Object.fromEntries(headers), hasCredentials: headers.has("authorization") };
}

function setHeader(headers: Headers, name: string, value: string, warn: HeaderWarning): void {
  try {
    headers.set(name, value);
  } catch {
    const shown = JSON.stringify(name.slice(0, 64));
    warn(`header ${shown} is left out: its name or value is none of a header`);
  }
}

function bearerTokenOf(server: string, variable: string | undefined, own: Variables): string | undefined {
  if (variable === undefined) return undefined;
  const value = variableOf(own, variable);
  if (value === undefined) throw new BearerTokenError(server, variable, "is not set");
  if (value.trim() === "") throw new BearerTokenError(server, variable, "is empty");
  if (value.includes("\ufffd")) throw new BearerTokenError(server, variable, "contains invalid Unicode");
  try {
    new Headers({ authorization: `Bearer ${value}` });
  } catch {
    throw new BearerTokenError(server, variable, "holds what no header may hold");
  }
  return value.trim();
}

function variableOf(own: Variables, name: string): string | undefined {
  return Object.hasOwn(own, name) ? own[name] : undefined;
}
