import type { ServerNotices } from "@holdfast/app-server-protocol";
import type { Clock } from "@holdfast/rpc";
import type { HostMcp } from "../agent/mcp/host-mcp.ts";
import type { HostConfig } from "../config/host-config.ts";
import type { EnvironmentRegistry } from "../environments/environment-registry.ts";
import type { HostClient, NoticeName } from "./host-client.ts";
import type { QuestionDesk } from "./questions/question-desk.ts";

/** What is told to the operator. */
export interface HostLog {
  warn(line: string): void;
}

/** The clients that are connected. */
export interface HostClients {
  list(): readonly HostClient[];
  /** Tell every one of them. */
  notifyAll<Name extends NoticeName>(name: Name, params: ServerNotices[Name]): void;
}

/** What the rooms of a server have in common. */
export interface HostServices {
  /** Where commands, files and MCP servers are. `local` is this machine. */
  readonly environments: EnvironmentRegistry;
  /** What is configured, as it is now. */
  readonly config: HostConfig;
  /** MCP servers of threads, and the logins to them. */
  readonly mcp: HostMcp;
  /** Folder of configuration, credentials and threads: a native absolute path. */
  readonly codexHome: string;
  /** Working folder of this server, a native absolute path. */
  readonly cwd: string;
  /** The variables of this program. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What threads say they were begun by. */
  readonly threadsBegunBy: "vscode" | "exec";
  /** Of Holdfast. */
  readonly version: string;
  readonly clock: Clock;
  readonly log: HostLog;
  readonly clients: HostClients;
  readonly questions: QuestionDesk;
}
