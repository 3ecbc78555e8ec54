export type { ExecServerClientOptions, Unsubscribe } from "./client-runtime.ts";
export {
  createExecServerCallbackRouter,
  type ExecServerCallbackHandlers,
  type ExecServerCallbackRouter,
} from "./gen/callbacks.gen.ts";
export { createExecServerClient, type ExecServerClient } from "./gen/client.gen.ts";
export { InvalidMessageError, isInvalidMessageError } from "./invalid-message-error.ts";
export type { CallOptions, LinkV1 } from "./link-port.ts";
export type { Handler, RoutedNotice, RoutedRequest } from "./router.ts";
