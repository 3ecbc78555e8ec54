import type { IncomingMessage } from "node:http";
import type { InboundConnection } from "./connection-ends.ts";
import type { HttpAnswer } from "./http-answer.ts";

/** The authenticated identity at the far end of a connection. */
export interface Principal {
  /** In words, for a log: `user 1000`. */
  readonly name: string;
}

/** What was decided about a handshake: who may connect, or how it is answered instead. */
export type Authorization = { readonly principal: Principal } | { readonly refusal: HttpAnswer };

/** Decides on a handshake before it is answered. */
export type Authorize = (
  request: IncomingMessage,
  connection: InboundConnection,
) => Authorization | Promise<Authorization>;

/** The principal of connections without `authorize`. */
export const UNAUTHENTICATED: Principal = { name: "unauthenticated" };
