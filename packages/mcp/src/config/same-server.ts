import { isDeepStrictEqual } from "node:util";
import type { McpServerConfig } from "./server-config.ts";

/** Whether what was started for one configuration serves the other as it is. */
export function isSameServer(one: McpServerConfig, other: McpServerConfig): boolean {
  return isDeepStrictEqual(one, other);
}
