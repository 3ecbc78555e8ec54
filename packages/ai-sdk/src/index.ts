export { createSandboxSession, type SandboxSessionOptions } from "./sandbox-session.ts";
