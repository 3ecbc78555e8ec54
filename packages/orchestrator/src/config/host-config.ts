import type { TomlTable } from "./toml-document.ts";

/** The configuration of the home, as it is now. */
export interface HostConfig {
  /**
   * The whole of it, with these members in the place of those of the file.
   *
   * @param overrides - Values by dotted names, such as `sandbox_workspace_write.network_access`.
   * @throws Error - The file can not be read; the message names it, and the line.
   */
  table(overrides?: Readonly<Record<string, unknown>>): Promise<TomlTable>;
}
