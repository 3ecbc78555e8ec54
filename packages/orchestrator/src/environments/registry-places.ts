import type { Executor } from "@holdfast/exec-client";
import type { McpEnvironments } from "@holdfast/mcp";
import type { EnvironmentRegistry } from "./environment-registry.ts";

/** The environments of a registry, for MCP servers to be placed in. A server keeps the connection of its environment for as long as it runs. */
export class RegistryPlaces implements McpEnvironments {
  readonly #registry: Pick<EnvironmentRegistry, "get" | "require">;

  constructor(registry: Pick<EnvironmentRegistry, "get" | "require">) {
    this.#registry = registry;
  }

  has(id: string): boolean {
    return this.#registry.get(id) !== undefined;
  }

  async executor(id: string, signal?: AbortSignal): Promise<Executor> {
    return await this.#registry.require(id).executor(signal);
  }

  place(id: string): Executor | undefined {
    return this.#registry.get(id)?.current;
  }
}
