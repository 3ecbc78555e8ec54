import { type CreateStub, createRouter, createStub, type Router, type StubOptions } from "@holdfast/protocol-kit";
import type { ExecServerClient, ServerRequests } from "./gen/stub-types.gen.ts";
import type { RequestHandlers } from "./handlers.ts";
import type { MethodFamily } from "./methods.ts";
import { EXEC_SERVER } from "./protocol.ts";
import { refusalsOf } from "./refusals.ts";

export {
  type CallOptions,
  InvalidMessageError,
  isInvalidMessageError,
  type LinkV1,
  type RoutedNotice,
  type RoutedRequest,
  type Unsubscribe,
} from "@holdfast/protocol-kit";
export type { ExecServerClient } from "./gen/stub-types.gen.ts";
export type { Handler } from "./handlers.ts";

/** How a client stub behaves. */
export type ExecServerClientOptions = StubOptions;

/** A stub over a link. It keeps no state. */
export const createExecServerClient: CreateStub<ExecServerClient> = createStub(EXEC_SERVER, "client");

/**
 * One entry per request that executors send. `unsupported` leaves a method out on purpose: it is answered -32601. Notices of
 * executors are received through the client stub.
 */
export interface ExecServerCallbackHandlers<Context> extends RequestHandlers<ServerRequests, Context> {}

/** Finds handlers and decodes params. */
export type ExecServerCallbackRouter<Context> = Router<keyof ServerRequests, never, Context, MethodFamily>;

/** The router of a client, for what the executor asks it. */
export function createExecServerCallbackRouter<Context>(
  handlers: ExecServerCallbackHandlers<Context>,
): ExecServerCallbackRouter<Context> {
  const role = "client";
  return createRouter<keyof ServerRequests, never, Context, MethodFamily>(EXEC_SERVER, {
    from: "server",
    role,
    refusals: refusalsOf(role),
    handlers,
  });
}
