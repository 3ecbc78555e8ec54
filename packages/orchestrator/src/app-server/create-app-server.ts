import { createAppServerCodec } from "@holdfast/app-server-protocol";
import { createAppServerRouter } from "@holdfast/app-server-protocol/server";
import type { McpServerLog } from "@holdfast/mcp";
import { type Clock, createPeer, type FramePort, type Peer, systemClock } from "@holdfast/rpc";
import { HostMcp } from "../agent/mcp/host-mcp.ts";
import { HostConfig } from "../config/host-config.ts";
import type { EnvironmentRegistry } from "../environments/environment-registry.ts";
import { Clients } from "./clients.ts";
import { Connection } from "./connection.ts";
import { handlersOf } from "./handlers-of.ts";
import type { HostLog, HostServices } from "./host-services.ts";
import { QuestionDesk } from "./questions/question-desk.ts";
import { refuseNotServed } from "./refuse-not-served.ts";
import { rooms } from "./rooms.ts";

const GOING_AWAY = 1001;
const SHUTDOWN = "the server is shutting down";

/** What the administrator of this machine says; the one that releases of Codex read. */
const SYSTEM_CONFIG_FILE = process.platform === "win32" ? undefined : "/etc/codex/config.toml";

export interface AppServerOptions {
  /** Where commands, files and MCP servers are; `local` among them. The server does not close it. */
  readonly environments: EnvironmentRegistry;
  /** Folder of configuration, credentials and threads: a native absolute path. */
  readonly codexHome: string;
  /** Working folder of what names none: a native absolute path. */
  readonly cwd: string;
  /** The variables of this program: keys of model providers, and what servers are given. Default: none. */
  readonly variables?: Readonly<Record<string, string | undefined>> | undefined;
  /** Members of the configuration in the place of those of its files, by dotted names such as `sandbox_workspace_write.network_access`. Default: none. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** What threads say they were begun by: `exec` by a program that runs a turn, which pickers of people do not list. Default `vscode`, as of every server. */
  readonly threadsBegunBy?: "vscode" | "exec" | undefined;
  /** What clients are told that they talk to. */
  readonly version: string;
  /** Default: nothing is told. */
  readonly log?: HostLog | undefined;
  /** Time, for tests. Default: the real clock. */
  readonly clock?: Clock | undefined;
}

/** A server of the app-server protocol, without its listeners. */
export interface AppServer extends AsyncDisposable {
  readonly connectionCount: number;
  /** Serve the client behind a port. */
  accept(port: FramePort): void;
  /** End every connection and all that runs for them. Idempotent. */
  close(): Promise<void>;
}

/** Make a server. Nothing is started or opened by that. */
export function createAppServer(options: AppServerOptions): AppServer {
  return createServerOf({ rooms, refusals: refuseNotServed }, options);
}

/** What a server serves and refuses. */
export interface ServerParts {
  readonly rooms: typeof rooms;
  /** Of what is known and not served. */
  readonly refusals: typeof refuseNotServed;
}

/** Make a server of these parts. */
export function createServerOf(parts: ServerParts, options: AppServerOptions): AppServer {
  const { clock = systemClock, log = { warn: () => {} }, variables = {}, threadsBegunBy = "vscode" } = options;
  const { environments, codexHome, cwd, version } = options;
  const clients = new Clients();
  const questions = new QuestionDesk();
  const config = new HostConfig({ codexHome, systemFile: SYSTEM_CONFIG_FILE, overrides: options.config });
  const onLog = ({ serverName, text }: McpServerLog): void => log.warn(`MCP server ${serverName}: ${text}`);
  const mcp = new HostMcp({ config, environments, codexHome, variables, version, clock, onLog });
  const services: HostServices = {
    environments,
    config,
    mcp,
    codexHome,
    cwd,
    variables,
    threadsBegunBy,
    version,
    clock,
    log,
    clients,
    questions,
  };
  const open = parts.rooms(services);
  const router = createAppServerRouter(handlersOf(open, parts.refusals(), services));
  const codec = createAppServerCodec({ now: () => Date.now() });
  const lines = new Map<Peer, Connection>();
  let lastId = 0;
  const onBug = (error: unknown, method: string): void => {
    log.warn(
      `a bug in ${method || "a message"}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  };
  const tell = (what: "joined" | "left", client: Connection): void => {
    for (const room of open) {
      try {
        room[what]?.(client);
      } catch (error) {
        onBug(error, `what is done when a client has ${what}`);
      }
    }
  };
  let closing: Promise<void> | undefined;
  const shutDown = async (): Promise<void> => {
    for (const peer of lines.keys()) peer.close(SHUTDOWN, GOING_AWAY);
    await Promise.all([...lines.keys()].map(({ closed }) => closed));
    await Promise.all(open.map((room) => room.close?.()));
    await mcp[Symbol.asyncDispose]();
  };

  return {
    get connectionCount() {
      return lines.size;
    },
    accept(port) {
      lastId += 1;
      const ready = (): void => {
        clients.add(connection);
        tell("joined", connection);
      };
      const connection = new Connection(lastId, { router, ready, warn: (line) => log.warn(line) }, () => peer);
      const peer = createPeer({ port, codec, server: connection, strayAnswers: "ignore", clock, onBug });
      lines.set(peer, connection);
      void peer.closed.then(() => {
        lines.delete(peer);
        clients.remove(connection);
        connection.end();
        tell("left", connection);
      });
      if (closing !== undefined) peer.close(SHUTDOWN, GOING_AWAY);
    },
    close() {
      closing ??= shutDown();
      return closing;
    },
    [Symbol.asyncDispose]() {
      return this.close();
    },
  };
}
