import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AppServer, type ConnectAppServerOptions, connectAppServer } from "@holdfast/app-server-client";
import type { Release } from "@holdfast/reference-peer";
import type { FramePort } from "@holdfast/rpc";
import { spawnStdio } from "@holdfast/rpc/stdio";
import { connectWebSocket } from "@holdfast/rpc/websocket";
import { environmentOf, serveAppServer } from "../app-server-line/served-app-server.ts";
import type { MockModel } from "../mock-model.ts";
import { mockModelConfig } from "../mock-model-config.ts";
import { type RecordedFrame, RecordingPort } from "./recording-port.ts";

/** What a scenario may choose. */
export interface AppServerOptions extends Pick<ConnectAppServerOptions, "approve" | "handlers"> {
  /** Further tables of the server's configuration. */
  readonly tables?: string | undefined;
}

/** An app-server of a release, and a client of ours whose every message is kept. */
export interface AppServerUnderTest extends AsyncDisposable {
  readonly codex: AppServer;
  readonly frames: readonly RecordedFrame[];
  /** Of the server. */
  readonly pid: number;
  /** What the client could not use of what the server sent. */
  readonly unusable: readonly string[];
}

/** An app-server that listens. */
export interface AppServerForMany extends AsyncDisposable {
  connect(options?: Omit<AppServerOptions, "tables">): Promise<AppServerUnderTest>;
}

/**
 * Start it on pipes and connect.
 *
 * @param home - Its `CODEX_HOME`. Two servers after one another may share one.
 */
export async function startAppServer(
  { program }: Release,
  { home, model }: { readonly home: string; readonly model: MockModel },
  { tables, ...options }: AppServerOptions = {},
): Promise<AppServerUnderTest> {
  await writeConfig(home, model, tables);
  const { port, pid } = await spawnStdio({ command: program, args: ["app-server"], env: environmentOf(home) });
  return { ...(await connectTo(port, options)), pid };
}

/** Start one that listens, for any number of clients. */
export async function serveClients(
  release: Release,
  { home, model }: { readonly home: string; readonly model: MockModel },
): Promise<AppServerForMany> {
  await writeConfig(home, model, undefined);
  const server = await serveAppServer({ release, home, listen: "ws://127.0.0.1:0" });
  return {
    connect: async (options = {}) => ({
      ...(await connectTo(await connectWebSocket(server.url), options)),
      pid: server.pid,
    }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function connectTo(
  port: FramePort,
  options: Omit<AppServerOptions, "tables">,
): Promise<Omit<AppServerUnderTest, "pid">> {
  const recording = new RecordingPort(port);
  const unusable: string[] = [];
  const codex = await connectAppServer(recording, {
    clientInfo: { name: "conformance", version: "1" },
    capabilities: { experimentalApi: true },
    onInvalid: (error) => unusable.push(error.message),
    onUnknown: ({ method }) => unusable.push(`nobody knows ${method}`),
    ...options,
  });
  return { codex, frames: recording.frames, unusable, [Symbol.asyncDispose]: () => codex.close() };
}

async function writeConfig(home: string, model: MockModel, tables: string | undefined): Promise<void> {
  await writeFile(join(home, "config.toml"), mockModelConfig(model, "", tables));
}
