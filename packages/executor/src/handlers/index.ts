import type { EnvironmentInfo } from "@holdfast/exec-server-protocol";
import type { ExecServerHandlers } from "@holdfast/exec-server-protocol/server";
import type { Clock } from "@holdfast/rpc";
import type { CallContext } from "../session/call-context.ts";
import { connectionHandlers } from "./connections.ts";
import { environmentHandlers } from "./environment.ts";
import { fileHandleHandlers } from "./file-handles.ts";
import { fileExtensionHandlers } from "./files.ts";
import { type FilesystemHandlerOptions, filesystemHandlers } from "./filesystem.ts";
import { httpRequest } from "./http.ts";
import { listenerHandlers } from "./listeners.ts";
import { type ProcessHandlerOptions, processHandlers } from "./process.ts";
import { processControlHandlers } from "./process-control.ts";
import { processEndingHandlers } from "./process-ending.ts";
import { searchHandlers } from "./search.ts";
import { sharingHandlers } from "./sharing.ts";
import { stagingHandlers } from "./staging.ts";
import { treeHandlers } from "./trees.ts";
import { walkTree } from "./walk.ts";
import { watchHandlers } from "./watch.ts";
import { watchMissing } from "./watch-missing.ts";

export interface HandlerOptions extends ProcessHandlerOptions, FilesystemHandlerOptions {
  readonly info: EnvironmentInfo;
  readonly clock: Clock;
}

/** Every method of the protocol: what answers it, or that it is not offered. */
export function createHandlers(options: HandlerOptions): ExecServerHandlers<CallContext> {
  return {
    initialize: (params, { connection }) => connection.initialize(params),
    initialized: (_, { connection }) => connection.initialized(),
    ...processHandlers(options),
    ...processControlHandlers,
    ...processEndingHandlers(options),
    ...connectionHandlers(options),
    ...listenerHandlers(options),
    ...sharingHandlers(options),
    ...filesystemHandlers(options),
    ...fileHandleHandlers,
    ...fileExtensionHandlers(options),
    ...searchHandlers,
    ...watchHandlers,
    ...stagingHandlers,
    ...treeHandlers(options),
    ...environmentHandlers(options.info),
    "fs/walk": walkTree,
    "fs/watchMissing": watchMissing,
    "environmentConfig/read": "unsupported",
    "capabilityRoots/discoverV1": "unsupported",
    "capabilities/discoverV2": "unsupported",
    "http/request": httpRequest,
  };
}
