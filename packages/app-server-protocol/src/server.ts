import {
  type CreateStub,
  clip,
  createRouter,
  createStub,
  type Refusals,
  type Router,
  type Validated,
  validateRecord,
  type WireType,
} from "@holdfast/protocol-kit";
import { ERROR_CODES } from "./errors.ts";
import type { AppServerCallbacks, ClientNotices, ClientRequests, ServerRequests } from "./gen/stub-types.gen.ts";
import { METHOD_SCHEMAS } from "./gen/zod.gen.ts";
import type { NoticeHandlers, RequestHandlers } from "./handlers.ts";
import { METHODS } from "./methods.ts";
import { appServerProtocol } from "./protocol.ts";
import { retiredAccess } from "./retired-access.ts";

export type { RoutedNotice, RoutedRequest, Router } from "@holdfast/protocol-kit";
export { experimentalPart, withoutExperimental } from "./experimental.ts";
export type { AppServerCallbacks } from "./gen/stub-types.gen.ts";
export type { Handler } from "./handlers.ts";

const APP_SERVER = appServerProtocol(METHOD_SCHEMAS);

/** One entry per method that clients send. `unsupported` leaves a method out on purpose: it is refused as an unknown one. */
export interface AppServerHandlers<Context>
  extends RequestHandlers<ClientRequests, Context>,
    NoticeHandlers<ClientNotices, Context> {}

/** Finds handlers and decodes params. */
export type AppServerRouter<Context> = Router<keyof ClientRequests, keyof ClientNotices, Context>;

/** The router of an app server. What reaches no handler is refused in the words of the reference peer. */
export function createAppServerRouter<Context>(handlers: AppServerHandlers<Context>): AppServerRouter<Context> {
  const refusals = refusalsOf(handlers);
  const router = createRouter<keyof ClientRequests, keyof ClientNotices, Context>(APP_SERVER, {
    from: "client",
    role: "app server",
    refusals,
    handlers,
  });
  return {
    ...router,
    request(method, params) {
      const routed = router.request(method, params);
      const retired = routed.kind === "ready" ? retiredAccess(params) : undefined;
      return retired === undefined ? routed : { kind: "refused", ...refusals.invalidParams(method, retired) };
    },
  };
}

function refusalsOf(handlers: object): Refusals {
  const served = new Map<string, unknown>(Object.entries(handlers));
  const known = Object.entries(METHODS)
    .filter(
      ([method, { kind, from }]) => kind === "request" && from === "client" && typeof served.get(method) === "function",
    )
    .map(([method]) => `\`${method}\``);
  const expected = known.length === 0 ? "there are no variants" : `expected one of ${known.join(", ")}`;
  const refusal = (reason: string) => ({ code: ERROR_CODES.InvalidRequest, message: `Invalid request: ${reason}` });
  return {
    unknownMethod: (method) => refusal(`unknown variant \`${clip(method)}\`, ${expected}`),
    invalidParams: (_, reason) => refusal(reason),
  };
}

/** A stub of what an app server sends to a client, over the link that the client came by. It keeps no state. */
export const createAppServerCallbacks: CreateStub<AppServerCallbacks> = createStub(APP_SERVER, "server");

/** Check what a client has answered to a request of the server. */
export function readAnswer<Method extends keyof ServerRequests>(
  method: Method,
  result: unknown,
): Validated<ServerRequests[Method]["result"]> {
  const type: WireType = METHOD_SCHEMAS[method].result;
  return validateRecord(type.schema, type.name, result) as Validated<ServerRequests[Method]["result"]>;
}
