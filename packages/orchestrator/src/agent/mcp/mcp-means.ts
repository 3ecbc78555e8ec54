import type { CredentialStore, McpAuth, McpServerLog, McpServersOptions } from "@holdfast/mcp";
import type { Clock } from "@holdfast/rpc";
import type { HostConfig } from "../../config/host-config.ts";
import type { EnvironmentRegistry } from "../../environments/environment-registry.ts";
import { RegistryPlaces } from "../../environments/registry-places.ts";
import { loginRedirect } from "./configured-servers.ts";

export interface HostMcpOptions {
  readonly config: HostConfig;
  /** Where servers are placed. */
  readonly environments: EnvironmentRegistry;
  /** Folder of the credentials: a native absolute path. */
  readonly codexHome: string;
  /** The variables of this program, of which servers get those that their configuration names. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Of Holdfast, as servers are told. */
  readonly version: string;
  readonly clock: Clock;
  /** Told what servers write to stderr, and log. Default: it is dropped. */
  readonly onLog?: ((log: McpServerLog) => void) | undefined;
}

/** What speaks to MCP servers. */
export interface McpMeans {
  readonly module: typeof import("@holdfast/mcp");
  readonly auth: McpAuth;
  /** Where logins are kept. */
  readonly store: CredentialStore;
  /** What the servers of all threads have in common. */
  readonly common: Pick<McpServersOptions, "environments" | "variables" | "http" | "clientInfo" | "onLog" | "clock">;
}

/** Load it: most of what a host is at its start is this, and a host without servers never has use for it. */
export async function loadMcpMeans(options: HostMcpOptions): Promise<McpMeans> {
  const module = await import("@holdfast/mcp");
  const { config, codexHome, variables, version, clock, onLog } = options;
  const environments = new RegistryPlaces(options.environments);
  const store = new module.CredentialFile(codexHome, { clock });
  const auth = new module.McpAuth({
    environments,
    store,
    clock,
    redirect: () => loginRedirect(config),
    advice: ({ name }) => `Run \`holdfast mcp login ${name}\`.`,
  });
  const http = new module.HttpOpener({ environments, variables, auth });
  const clientInfo = { name: "holdfast", title: "Holdfast", version };
  return { module, auth, store, common: { environments, variables, http, clientInfo, onLog, clock } };
}
