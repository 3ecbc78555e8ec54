import type { McpManager } from "@holdfast/mcp";
import type { McpMeans } from "./mcp-means.ts";

/** Finds out whether somebody has signed in to servers that wanted it, by whatever program. */
export class NewLogins {
  /** Tokens by which a server was started since, by its name: one that was refused is not tried again. */
  readonly #tried = new Map<string, string>();

  /** Whether there is a login that was not tried, for a server that failed for want of one. */
  async areThere(manager: McpManager, { module, store }: McpMeans): Promise<boolean> {
    const wanting = manager.servers().filter(({ needsLogin }) => needsLogin);
    const found = await Promise.all(
      wanting.map(async ({ name, config }) => {
        // What can not be read is said by the server that wants it.
        const stored = await store.load(module.credentialOwner(config).key).catch(() => undefined);
        if (stored === undefined || this.#tried.get(name) === stored.access_token) return false;
        this.#tried.set(name, stored.access_token);
        return true;
      }),
    );
    return found.includes(true);
  }
}
