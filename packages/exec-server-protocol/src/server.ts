export { createExecServerRouter, type ExecServerHandlers, type ExecServerRouter } from "./gen/server.gen.ts";
export type { Handler, RoutedNotice, RoutedRequest, Router } from "./router.ts";
