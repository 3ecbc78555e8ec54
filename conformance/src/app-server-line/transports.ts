import { type AppServer, type ConnectAppServerOptions, connectAppServer } from "@holdfast/app-server-client";
import type { LineGround } from "./line-scenario.ts";
import { environmentOf, serveAppServer } from "./served-app-server.ts";

/** The ways to a server. */
export const TRANSPORTS = ["stdio", "websocket", "unix socket"] as const;

/** A client, and the server that it alone uses. Both end when disposed. */
export interface ConnectedServer extends AsyncDisposable {
  readonly codex: AppServer;
  /** Undefined where the server is a child of the client. */
  readonly url: string | undefined;
}

const PATIENCE = { connectTimeoutMs: 30_000, initializeTimeoutMs: 60_000 };

/** Start a server on one of the transports and connect to it, with the experimental part of the protocol. */
export async function connectBy(
  transport: (typeof TRANSPORTS)[number],
  { release, home, folder }: LineGround,
  options: ConnectAppServerOptions = {},
): Promise<ConnectedServer> {
  const how = { capabilities: { experimentalApi: true }, ...PATIENCE, ...options };
  if (transport === "stdio") {
    const target = { command: release.program, args: ["app-server"], env: environmentOf(home), cwd: folder };
    const codex = await connectAppServer(target, how);
    return { codex, url: undefined, [Symbol.asyncDispose]: () => codex.close() };
  }
  const listen = transport === "websocket" ? "ws://127.0.0.1:0" : `unix://${folder}/app-server.sock`;
  const server = await serveAppServer({ release, home, listen });
  const codex = await connectAppServer(server.url, { ...how, retryForMs: 30_000 });
  return {
    codex,
    url: server.url,
    [Symbol.asyncDispose]: async () => {
      await codex.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Commands that nothing confines: the sandbox is not what is looked at. */
export const UNCONFINED = { sandboxPolicy: { type: "dangerFullAccess" } } as const;
