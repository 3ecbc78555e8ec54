import type { Scenario } from "../scenario.ts";
import { CLI_AUTH } from "./cli-auth.ts";
import { CLI_BY_PROGRAM } from "./cli-by-program.ts";
import { CLI_COMMANDS } from "./cli-commands.ts";
import { CLI_FILES } from "./cli-files.ts";
import { CLI_HELD_LINE } from "./cli-held-line.ts";
import { CLI_RECOVERY } from "./cli-recovery.ts";
import { CLI_SANDBOX } from "./cli-sandbox.ts";
import { CLI_TERMINAL } from "./cli-terminal.ts";
import { CLI_UNIFIED_EXEC } from "./cli-unified-exec.ts";
import { CLIENT_ENTRIES } from "./client-entries.ts";
import { CLIENT_FILES } from "./client-files.ts";
import { CLIENT_FOLDERS } from "./client-folders.ts";
import { CLIENT_FORWARD } from "./client-forward.ts";
import { CLIENT_HTTP } from "./client-http.ts";
import { CLIENT_MCP_SERVERS } from "./client-mcp-servers.ts";
import { CLIENT_PATCHES } from "./client-patches.ts";
import { CLIENT_PLACING } from "./client-placing.ts";
import { CLIENT_PROCESS_CONTROL } from "./client-process-control.ts";
import { CLIENT_PROCESSES } from "./client-processes.ts";
import { CLIENT_SOAK } from "./client-soak.ts";
import { CLIENT_UNIFIED_EXEC } from "./client-unified-exec.ts";
import { WIRE_AUTH } from "./wire-auth.ts";
import { WIRE_DISPATCH } from "./wire-dispatch.ts";
import { WIRE_FILES } from "./wire-files.ts";
import { WIRE_HOSTILE_HOST } from "./wire-hostile-host.ts";
import { WIRE_HOSTILE_KERNEL } from "./wire-hostile-kernel.ts";
import { WIRE_HOSTILE_LINKS } from "./wire-hostile-links.ts";
import { WIRE_HOSTILE_SETUP } from "./wire-hostile-setup.ts";
import { WIRE_PROCESS_CONTROL } from "./wire-process-control.ts";
import { WIRE_PROCESSES } from "./wire-processes.ts";
import { WIRE_REFUSALS } from "./wire-refusals.ts";
import { WIRE_SANDBOX_DENIAL } from "./wire-sandbox-denial.ts";
import { WIRE_SANDBOX_FRESH } from "./wire-sandbox-fresh.ts";
import { WIRE_SANDBOX_NETWORK } from "./wire-sandbox-network.ts";
import { WIRE_SANDBOX_TABLE } from "./wire-sandbox-table.ts";

/** Every scenario, in the order of the matrix. */
export const SCENARIOS: readonly Scenario[] = [
  ...CLI_COMMANDS,
  ...CLI_TERMINAL,
  ...CLI_FILES,
  ...CLI_RECOVERY,
  ...CLI_HELD_LINE,
  ...CLI_SANDBOX,
  ...CLI_AUTH,
  ...CLI_BY_PROGRAM,
  ...CLI_UNIFIED_EXEC,
  ...CLIENT_PROCESSES,
  ...CLIENT_PROCESS_CONTROL,
  ...CLIENT_MCP_SERVERS,
  ...CLIENT_FILES,
  ...CLIENT_ENTRIES,
  ...CLIENT_FOLDERS,
  ...CLIENT_PATCHES,
  ...CLIENT_PLACING,
  ...CLIENT_FORWARD,
  ...CLIENT_HTTP,
  ...CLIENT_SOAK,
  ...CLIENT_UNIFIED_EXEC,
  ...WIRE_DISPATCH,
  ...WIRE_PROCESSES,
  ...WIRE_PROCESS_CONTROL,
  ...WIRE_FILES,
  ...WIRE_REFUSALS,
  ...WIRE_AUTH,
  ...WIRE_SANDBOX_TABLE,
  ...WIRE_SANDBOX_DENIAL,
  ...WIRE_SANDBOX_NETWORK,
  ...WIRE_SANDBOX_FRESH,
  ...WIRE_HOSTILE_LINKS,
  ...WIRE_HOSTILE_SETUP,
  ...WIRE_HOSTILE_KERNEL,
  ...WIRE_HOSTILE_HOST,
];
