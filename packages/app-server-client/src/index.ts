export { type CallOptions, InvalidMessageError, isInvalidMessageError } from "@holdfast/protocol-kit";
export {
  type ClientCertificate,
  type FramePort,
  isLinkError,
  isRemoteError,
  LinkError,
  type PortClose,
  RemoteError,
  RpcFault,
} from "@holdfast/rpc";
export { type DialTarget, InvalidArgumentError } from "@holdfast/rpc/client";
export type { AppServer, AppServerConnection, AppServerState } from "./app-server.ts";
export {
  type ConnectAppServerOptions,
  connectAppServer,
  type RecoveryOptions,
  UnreadableMessageError,
} from "./connect.ts";
export type { ConnectionEvent, ThreadAfterReconnect, WatchAfterReconnect } from "./connection-event.ts";
export { LostThreadError } from "./lost-thread-error.ts";
export type { Notice, NoticeReader } from "./notices.ts";
export type { ServerRequestContext, ServerRequestHandlers } from "./session/server-requests.ts";
export type { AppServerTarget, ProgramTarget } from "./targets.ts";
