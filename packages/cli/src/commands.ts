import { AGENT_COMMAND } from "./agent/spec.ts";
import { APP_SERVER_COMMAND } from "./app-server/spec.ts";
import { ATTACH_COMMAND } from "./attach/spec.ts";
import type { CommandSpec } from "./command-line/command-spec.ts";
import { completionCommand } from "./completion/spec.ts";
import { CONNECT_COMMAND } from "./connect/spec.ts";
import { CP_COMMAND } from "./cp/spec.ts";
import { SYNC_COMMAND } from "./cp/sync-spec.ts";
import { DEMO_COMMAND } from "./demo/spec.ts";
import { DOCTOR_COMMAND } from "./doctor/spec.ts";
import { ENV_COMMAND } from "./env/spec.ts";
import { EXEC_COMMAND } from "./exec/spec.ts";
import { FORWARD_COMMAND } from "./forward/spec.ts";
import { INFO_COMMAND } from "./info/spec.ts";
import { KILL_COMMAND } from "./kill/spec.ts";
import { LOGS_COMMAND } from "./logs/spec.ts";
import { MCP_COMMAND } from "./mcp/spec.ts";
import { PATCH_COMMAND } from "./patch/spec.ts";
import { PROXY_COMMAND } from "./proxy/spec.ts";
import { PS_COMMAND } from "./ps/spec.ts";
import { RELAY_COMMAND } from "./relay/spec.ts";
import { SANDBOX_COMMAND } from "./sandbox/spec.ts";
import { SCHEMA_COMMAND } from "./schema/spec.ts";
import { SERVE_COMMAND } from "./serve/spec.ts";
import { SERVICE_COMMAND } from "./service/spec.ts";
import { SHELL_COMMAND } from "./shell/spec.ts";

/** Every command, in the order of the help. What a command does is loaded when it is called. */
export const COMMANDS: Readonly<Record<string, CommandSpec>> = {
  serve: SERVE_COMMAND,
  service: SERVICE_COMMAND,
  connect: CONNECT_COMMAND,
  exec: EXEC_COMMAND,
  shell: SHELL_COMMAND,
  sandbox: SANDBOX_COMMAND,
  attach: ATTACH_COMMAND,
  logs: LOGS_COMMAND,
  ps: PS_COMMAND,
  kill: KILL_COMMAND,
  forward: FORWARD_COMMAND,
  cp: CP_COMMAND,
  sync: SYNC_COMMAND,
  patch: PATCH_COMMAND,
  info: INFO_COMMAND,
  env: ENV_COMMAND,
  agent: AGENT_COMMAND,
  mcp: MCP_COMMAND,
  "app-server": APP_SERVER_COMMAND,
  relay: RELAY_COMMAND,
  proxy: PROXY_COMMAND,
  schema: SCHEMA_COMMAND,
  doctor: DOCTOR_COMMAND,
  demo: DEMO_COMMAND,
  completion: completionCommand(() => COMMANDS),
};
