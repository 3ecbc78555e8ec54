import {
  type CreateStub,
  clip,
  createRouter,
  createStub,
  type Refusals,
  type Router,
  type StubOptions,
} from "@holdfast/protocol-kit";
import { ERROR_CODES } from "./errors.ts";
import type { AppServerClient, ServerRequests } from "./gen/stub-types.gen.ts";
import type { RequestHandlers } from "./handlers.ts";
import { appServerProtocol } from "./protocol.ts";

export {
  type CallOptions,
  InvalidMessageError,
  isInvalidMessageError,
  type LinkV1,
  type RoutedRequest,
  type Unsubscribe,
} from "@holdfast/protocol-kit";
export type { AppServerClient } from "./gen/stub-types.gen.ts";
export type { Handler } from "./handlers.ts";
export type { NoticeMetadata } from "./metadata.ts";

const APP_SERVER = appServerProtocol({
  load: async () => (await import("./gen/zod.gen.ts")).METHOD_SCHEMAS,
});

/** How a client stub behaves. */
export type AppServerClientOptions = StubOptions;

/** A stub over a link. It keeps no state. */
export const createAppServerClient: CreateStub<AppServerClient> = createStub(APP_SERVER, "client");

/** Handlers for the requests that servers send: approvals, elicitations, tools, user input. One that is absent is answered as `unsupported`: -32601. */
export interface AppServerCallbackHandlers<Context> extends Partial<RequestHandlers<ServerRequests, Context>> {}

/** Finds handlers and decodes params. */
export type AppServerCallbackRouter<Context> = Router<keyof ServerRequests, never, Context>;

const REFUSALS: Refusals = {
  unknownMethod: (method) => ({
    code: ERROR_CODES.MethodNotFound,
    message: `method \`${clip(method)}\` is not served by this client`,
  }),
  invalidParams: (_, reason) => ({ code: ERROR_CODES.InvalidParams, message: reason }),
};

/** The router of a client, for what the server asks it. Await its `whenReady()` before it routes anything: its validators are loaded late. */
export function createAppServerCallbackRouter<Context>(
  handlers: AppServerCallbackHandlers<Context>,
): AppServerCallbackRouter<Context> {
  return createRouter<keyof ServerRequests, never, Context>(APP_SERVER, {
    from: "server",
    role: "client",
    refusals: REFUSALS,
    handlers,
  });
}
