import { type CreateStub, createRouter, createStub, type Router } from "@holdfast/protocol-kit";
import type { ClientNotices, ClientRequests, ExecServerCallbacks } from "./gen/stub-types.gen.ts";
import type { NoticeHandlers, RequestHandlers } from "./handlers.ts";
import type { MethodFamily } from "./methods.ts";
import { EXEC_SERVER } from "./protocol.ts";
import { refusalsOf } from "./refusals.ts";

export type { RoutedNotice, RoutedRequest, Router } from "@holdfast/protocol-kit";
export type { ExecServerCallbacks } from "./gen/stub-types.gen.ts";
export type { Handler } from "./handlers.ts";

/** One entry per method that clients send. `unsupported` leaves a method out on purpose: it is answered -32601. */
export interface ExecServerHandlers<Context>
  extends RequestHandlers<ClientRequests, Context>,
    NoticeHandlers<ClientNotices, Context> {}

/** Finds handlers and decodes params. */
export type ExecServerRouter<Context> = Router<keyof ClientRequests, keyof ClientNotices, Context, MethodFamily>;

/** The router of an executor. */
export function createExecServerRouter<Context>(handlers: ExecServerHandlers<Context>): ExecServerRouter<Context> {
  const role = "executor";
  return createRouter<keyof ClientRequests, keyof ClientNotices, Context, MethodFamily>(EXEC_SERVER, {
    from: "client",
    role,
    refusals: refusalsOf(role),
    handlers,
  });
}

/** A stub of what an executor sends to a client, over the link that the client came by. It keeps no state. */
export const createExecServerCallbacks: CreateStub<ExecServerCallbacks> = createStub(EXEC_SERVER, "server");
