import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Release } from "@holdfast/reference-peer";
import type { BadLine } from "@holdfast/testkit";
import { type ServedAppServer, serveAppServer } from "../app-server-line/served-app-server.ts";
import { startMockModel } from "../mock-model.ts";
import { mockModelConfig } from "../mock-model-config.ts";
import { scratchCodexHome, temporaryFolder } from "../places.ts";
import { obedientModel } from "./obedient-model.ts";
import { openPlace, type Place } from "./placed.ts";

const MCP_SERVER = fileURLToPath(new URL("../app-server/mcp-server.mjs", import.meta.url));

/** A server with an obedient model behind it. All of it ends when disposed. */
export interface ServedHost extends AsyncDisposable {
  readonly url: string;
  /** Working folder of the server, which is that of its threads. */
  readonly folder: string;
  readonly home: string;
  /** Between the server and the executor of its threads. Undefined: it is inside the server. */
  readonly executorLine: BadLine | undefined;
  /** Kill it, and start another one at the same address with the same home. */
  restart(): Promise<void>;
}

export interface HostUnderTest {
  readonly release: Release;
  readonly isOwn: boolean;
  readonly place: Place;
}

/** Start a server that listens on a websocket. */
export async function serveHost({ release, isOwn, place }: HostUnderTest): Promise<ServedHost> {
  await using stack = new AsyncDisposableStack();
  const { path: folder } = stack.use(await temporaryFolder());
  const { path: home } = stack.use(await scratchCodexHome());
  const model = stack.use(await startMockModel(obedientModel));
  const placed = stack.use(await openPlace(place, { isOwn, cwd: folder }));
  await writeFile(join(home, "config.toml"), mockModelConfig(model, "", LOUD));
  if (placed.environments !== undefined) await writeFile(join(home, "environments.toml"), placed.environments);
  const serve = (listen: string): Promise<ServedAppServer> =>
    serveAppServer({ release, home, listen, cwd: folder, env: placed.env });
  let server = await serve("ws://127.0.0.1:0");
  const { url } = server;
  stack.defer(() => server[Symbol.asyncDispose]());
  const all = stack.move();
  return {
    url,
    folder,
    home,
    executorLine: placed.line,
    async restart() {
      await server.kill();
      server = await serve(url);
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** The table of an MCP server that the model knows. */
export const LOUD = `[mcp_servers.loud]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(MCP_SERVER)}]
`;
