export { HoldfastSandboxClient, type HoldfastSandboxClientOptions } from "./sandbox-client.ts";
export type { HoldfastSandboxSession } from "./sandbox-session.ts";
