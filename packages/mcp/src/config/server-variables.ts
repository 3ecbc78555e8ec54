import type { EnvironmentPolicy } from "@holdfast/exec-client";
import { McpConfigError } from "./config-error.ts";
import { memberPath } from "./config-table.ts";
import type { StdioServerConfig } from "./server-config.ts";

/** A process's environment, as `processes.start` takes it. */
export interface ServerVariables {
  /** Null: nothing is inherited. */
  readonly envPolicy: Partial<EnvironmentPolicy> | null;
  readonly env: Readonly<Record<string, string>>;
}

/** Variables of a process, by name. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What every server gets of the environment of this process, where it runs beside it. */
const INHERITED_NAMES = [
  "HOME",
  "LOGNAME",
  "PATH",
  "SHELL",
  "USER",
  "__CF_USER_TEXT_ENCODING",
  "LANG",
  "LC_ALL",
  "TERM",
  "TMPDIR",
  "TZ",
] as const;
/** The same on Windows, without which hardly any program starts there. */
const INHERITED_NAMES_ON_WINDOWS = [
  "PATH",
  "PATHEXT",
  "SHELL",
  "COMSPEC",
  "SYSTEMROOT",
  "SYSTEMDRIVE",
  "USERNAME",
  "USERDOMAIN",
  "USERPROFILE",
  "HOMEDRIVE",
  "HOMEPATH",
  "PROGRAMFILES",
  "PROGRAMFILES(X86)",
  "PROGRAMW6432",
  "PROGRAMDATA",
  "LOCALAPPDATA",
  "APPDATA",
  "TEMP",
  "TMP",
  "TMPDIR",
  "POWERSHELL",
  "PWSH",
] as const;
/** Characters that stand for others in `includeOnly`: a name with one of them would let in more than itself. */
const WILDCARDS = /[*?]/;
/** What no variable's name has. */
const NO_NAME = /^$|[=\0]/;

/**
 * The environment of a server that runs beside the orchestrator: a few names of the orchestrator's, `env_vars`, then `env`.
 *
 * @param own - The orchestrator's.
 * @throws McpConfigError - An entry of `env_vars` is to be read on an executor, or is no name.
 */
export function localServerVariables(
  name: string,
  server: StdioServerConfig,
  own: Variables,
  platform: NodeJS.Platform = process.platform,
): ServerVariables {
  const path = memberPath("mcp_servers", name);
  for (const variable of server.envVars) {
    checkName(variable.name, path);
    if (variable.source === "local") continue;
    const rule = `env_vars entry \`${variable.name}\` uses source \`remote\`, which requires remote MCP stdio`;
    throw new McpConfigError(rule, path);
  }
  const inherited = platform === "win32" ? INHERITED_NAMES_ON_WINDOWS : INHERITED_NAMES;
  const names = [...inherited, ...server.envVars.map((variable) => variable.name)];
  return { envPolicy: null, env: { ...pick(own, names, platform), ...server.env } };
}

/**
 * The environment of a server that runs on an executor: the executor's own, as far as it is asked for, then the `env_vars` that are the
 * orchestrator's, then `env`. A variable whose source is `remote` is never looked up here.
 *
 * @param own - The orchestrator's.
 * @throws McpConfigError - An entry of `env_vars` is no name.
 */
export function executorServerVariables(
  name: string,
  server: StdioServerConfig,
  own: Variables,
  platform: NodeJS.Platform = process.platform,
): ServerVariables {
  const path = memberPath("mcp_servers", name);
  for (const variable of server.envVars) checkName(variable.name, path);
  const remote = server.envVars.filter(({ source }) => source === "remote").map((variable) => variable.name);
  const wild = remote.find((each) => WILDCARDS.test(each));
  if (wild !== undefined) {
    throw new McpConfigError(`env_vars entry \`${wild}\` with source \`remote\` must not hold * or ?`, path);
  }
  const local = server.envVars.filter(({ source }) => source === "local").map((variable) => variable.name);
  return { envPolicy: policyWith(remote), env: { ...pick(own, local, platform), ...server.env } };
}

function policyWith(remote: readonly string[]): Partial<EnvironmentPolicy> {
  if (remote.length === 0) return { inherit: "core", ignoreDefaultExcludes: true };
  const includeOnly = [...new Set([...INHERITED_NAMES, ...INHERITED_NAMES_ON_WINDOWS, ...remote])];
  return { inherit: "all", ignoreDefaultExcludes: true, includeOnly };
}

function checkName(name: string, path: string): void {
  if (NO_NAME.test(name)) {
    throw new McpConfigError("an env_vars entry must be a name: not empty, without = and NUL", path);
  }
}

function pick(own: Variables, names: readonly string[], platform: NodeJS.Platform): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = platform === "win32" ? valueOnWindows(own, name) : Object.hasOwn(own, name) ? own[name] : undefined;
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/** There names are the same in any case. */
function valueOnWindows(own: Variables, name: string): string | undefined {
  const wanted = name.toUpperCase();
  return Object.entries(own).find(([each]) => each.toUpperCase() === wanted)?.[1];
}
