import { shownUrl } from "@holdfast/rpc";
import type { HttpServerConfig, McpServerConfig, StdioServerConfig } from "./server-config.ts";

/** A server's configuration as people and logs may see it. */
export interface ShownServer {
  readonly name: string;
  readonly environmentId: string;
  readonly enabled: boolean;
  readonly required: boolean;
  readonly transport:
    | {
        readonly kind: "stdio";
        readonly command: string;
        readonly args: readonly string[];
        readonly cwd: string | undefined;
        /** Names of the variables that it is given. */
        readonly env: readonly string[];
      }
    | {
        readonly kind: "http";
        /** Without what stands for a user or behind the path. */
        readonly url: string;
        /** Names of the headers that it is sent. */
        readonly headers: readonly string[];
      };
}

/** A configuration without the values of variables and headers, without credentials of its URL, and without client secrets. */
export function shownServer(server: McpServerConfig): ShownServer {
  const { name, environmentId, enabled, required, transport } = server;
  return { name, environmentId, enabled, required, transport: shownTransport(transport) };
}

function shownTransport(transport: StdioServerConfig | HttpServerConfig): ShownServer["transport"] {
  if (transport.kind === "stdio") {
    const { kind, command, args, cwd } = transport;
    return {
      kind,
      command,
      args,
      cwd,
      env: [...transport.envVars.map(({ name }) => name), ...Object.keys(transport.env)],
    };
  }
  const headers = [...Object.keys(transport.httpHeaders), ...Object.keys(transport.envHttpHeaders)];
  if (transport.bearerTokenEnvVar !== undefined) headers.push("authorization");
  return { kind: "http", url: shownUrl(transport.url), headers };
}
