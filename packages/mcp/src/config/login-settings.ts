import type { RedirectOptions } from "../oauth/redirect-place.ts";
import { McpConfigError } from "./config-error.ts";
import { ConfigTable } from "./config-table.ts";

const STORES = ["auto", "file", "keyring"] as const;
const PORT = "mcp_oauth_callback_port";
const PORT_MAX = 65_535;

/** What a configuration says of all logins. */
export interface McpLoginSettings {
  /** Where the browser comes back to. */
  readonly redirect: RedirectOptions;
  /** Where they are to be kept; `auto` where it can be. There is no store for the keyring of the system in this package. */
  readonly store: (typeof STORES)[number];
}

/**
 * What a configuration file says of all logins, in its top level.
 *
 * @param root - The whole file, as a TOML parser gives it.
 * @throws McpConfigError - A member is not what it must be.
 */
export function parseMcpLoginSettings(root: unknown): McpLoginSettings {
  const table = new ConfigTable(root, "");
  const port = table.wholeNumber(PORT);
  if (port !== undefined && !(port >= 1 && port <= PORT_MAX)) {
    throw new McpConfigError(
      `invalid MCP OAuth callback port \`${port}\`: port must be between 1 and ${PORT_MAX}`,
      PORT,
    );
  }
  return {
    redirect: { port, url: table.text("mcp_oauth_callback_url") },
    store: table.word("mcp_oauth_credentials_store", STORES) ?? "auto",
  };
}
