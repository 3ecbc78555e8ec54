import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AppServer, type ConnectAppServerOptions, connectAppServer } from "@holdfast/app-server-client";
import type { Release } from "@holdfast/reference-peer";
import { spawnStdio } from "@holdfast/rpc/stdio";
import type { MockModel } from "../mock-model.ts";
import { mockModelConfig } from "../mock-model-config.ts";
import { type RecordedFrame, RecordingPort } from "./recording-port.ts";

/** Nothing listens there: whoever wants to go out is refused at once. */
const NO_WAY_OUT = "http://127.0.0.1:9";

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

/** The environment of a release that may work here and reach no other machine. */
export function closedEnvironment(home: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    CODEX_HOME: home,
    RUST_LOG: "error",
    HTTP_PROXY: NO_WAY_OUT,
    HTTPS_PROXY: NO_WAY_OUT,
    ALL_PROXY: NO_WAY_OUT,
    NO_PROXY: "127.0.0.1",
  };
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
  await writeFile(join(home, "config.toml"), mockModelConfig(model, "", tables));
  const { port, pid } = await spawnStdio({ command: program, args: ["app-server"], env: closedEnvironment(home) });
  const recording = new RecordingPort(port);
  const unusable: string[] = [];
  const codex = await connectAppServer(recording, {
    clientInfo: { name: "conformance", version: "1" },
    capabilities: { experimentalApi: true },
    onInvalid: (error) => unusable.push(error.message),
    onUnknown: ({ method }) => unusable.push(`nobody knows ${method}`),
    ...options,
  });
  return { codex, frames: recording.frames, pid, unusable, [Symbol.asyncDispose]: () => codex.close() };
}
