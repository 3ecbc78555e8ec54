export type { McpEnvironments } from "./environments.ts";
