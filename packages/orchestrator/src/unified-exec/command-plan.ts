import { placedSandbox, type Sandbox, type StartOptions, sandboxContextOf } from "@holdfast/exec-client";
import { join, type PathUri, parsePathUri, pathUriFromInferredNative, pathUriFromNative } from "@holdfast/path-uri";
import { agentVariables, BOOKKEEPING_VARIABLES } from "./agent-variables.ts";
import type { ExecArguments } from "./exec-arguments.ts";
import type { ExecEnvironment } from "./exec-environment.ts";
import { ExecError, wordsOf } from "./exec-error.ts";
import type { ExecSettings } from "./exec-settings.ts";
import { EXEC_YIELD_MS, OUTPUT_TOKENS, WINDOWS_YIELD_MIN_MS, YIELD_MAX_MS, YIELD_MIN_MS } from "./limits.ts";
import { shellArgv } from "./shell-argv.ts";

/** A command that is asked for, worked out for one environment. */
export interface CommandPlan {
  readonly callId: string;
  readonly environment: ExecEnvironment;
  readonly command: string;
  readonly argv: readonly string[];
  readonly cwd: PathUri;
  readonly tty: boolean;
  readonly isEscalated: boolean;
  readonly justification: string | undefined;
  readonly prefixRule: readonly string[] | undefined;
  readonly yieldMs: number;
  readonly maxOutputTokens: number;
  /** Undefined: none is asked for. */
  readonly sandbox: Sandbox | undefined;
  /** What it runs in where it may leave that. Undefined: nothing. */
  readonly outerSandbox: Sandbox | undefined;
  /** @param sandbox - Undefined: it runs without one. */
  readonly startOptions: (processId: string, sandbox: Sandbox | undefined) => StartOptions;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws ExecError `arguments`: the folder, or what confines it, makes no sense there. */
export function planCommand(
  args: ExecArguments,
  environment: ExecEnvironment,
  { callId, settings }: { readonly callId: string; readonly settings: ExecSettings },
): CommandPlan {
  const { executor } = environment;
  if (args.justification !== undefined && args.sandboxPermissions === undefined) throw strayJustification();
  const base = folderOf(environment);
  const cwd = workdirOf(base, args.workdir);
  const sandbox = placedBy(environment.sandbox ?? settings.sandbox ?? "workspace-write", base, environment);
  const outerSandbox = placedBy(environment.outerSandbox ?? "none", base, environment);
  const shell = args.shell ?? (environment.shell ?? executor.environment.shell).path;
  const login = args.login ?? settings.login ?? true;
  const isEscalated = args.sandboxPermissions === "require_escalated";
  const { threadId, sessionId } = settings;
  const argv = shellArgv(shell, args.cmd, login);
  const tty = args.tty ?? false;
  return {
    callId,
    environment,
    command: args.cmd,
    argv,
    cwd,
    tty,
    isEscalated,
    justification: args.justification,
    prefixRule: isEscalated ? args.prefixRule : undefined,
    yieldMs: yieldMsOf(args.yieldTimeMs, executor.environment.platformOs),
    maxOutputTokens: outputTokensOf(args.maxOutputTokens, settings),
    sandbox,
    outerSandbox,
    startOptions: (processId, confinedBy) => {
      const isWithoutNetwork = confinedBy !== undefined && !hasNetwork(confinedBy, base, environment);
      return {
        argv,
        cwd,
        tty,
        processId,
        sandbox: confinedBy ?? null,
        envPolicy: {
          ...settings.envPolicy,
          exclude: [...(settings.envPolicy?.exclude ?? []), ...BOOKKEEPING_VARIABLES],
        },
        maxDetachedMs: executor.environment.capabilities.holdfastProcessEnding ? settings.maxDetachedMs : undefined,
        env: agentVariables({ callId, threadId, sessionId, isWithoutNetwork }, settings.env),
        // For the telemetry of executors that have one. They want ids of threads to be UUIDs.
        metadata: threadId !== undefined && UUID.test(threadId) ? { threadId, toolCallId: callId } : undefined,
      };
    },
  };
}

/** Tokens of output in one result. */
export function outputTokensOf(asked: number | undefined, settings: ExecSettings): number {
  const most = settings.maxOutputTokens ?? OUTPUT_TOKENS;
  return Math.min(asked ?? most, most);
}

/** Milliseconds, within what an environment bears. */
function yieldMsOf(asked: number | undefined, platformOs: string | undefined): number {
  const leastMs = platformOs === "windows" ? WINDOWS_YIELD_MIN_MS : YIELD_MIN_MS;
  return Math.min(Math.max(asked ?? EXEC_YIELD_MS, leastMs), YIELD_MAX_MS);
}

function folderOf({ id, cwd, executor }: ExecEnvironment): PathUri {
  const { pathConvention } = executor.environment;
  try {
    if (/^file:/i.test(cwd)) return parsePathUri(cwd);
    return pathConvention === undefined ? pathUriFromInferredNative(cwd) : pathUriFromNative(cwd, pathConvention);
  } catch (cause) {
    throw new ExecError("environment", `the folder of environment \`${id}\` is none: ${wordsOf(cause)}`, { cause });
  }
}

function workdirOf(base: PathUri, workdir: string | undefined): PathUri {
  try {
    return join(base, workdir ?? "");
  } catch (cause) {
    throw new ExecError("arguments", `workdir: ${wordsOf(cause)}`, { cause });
  }
}

/** By the folder of the environment: that of the command is the model's choice, and must not open what the sandbox closes. */
function placedBy(sandbox: Sandbox, base: PathUri, { executor }: ExecEnvironment): Sandbox | undefined {
  try {
    const placed = placedSandbox(sandbox, base, executor.environment);
    return placed === "none" ? undefined : placed;
  } catch (cause) {
    throw new ExecError("start", `Failed to create unified exec process: ${wordsOf(cause)}`, { cause });
  }
}

function hasNetwork(sandbox: Sandbox, base: PathUri, { executor }: ExecEnvironment): boolean {
  const context = sandboxContextOf(sandbox, base, executor.environment);
  if (context === undefined) return true;
  if (typeof sandbox === "object" && "network" in sandbox && typeof sandbox.network === "object") return true;
  const { permissions } = context;
  return !("network" in permissions) || permissions.network !== "restricted";
}

function strayJustification(): ExecError {
  const message = "justification is for sandbox_permissions: require_escalated; leave it out, or ask for that";
  return new ExecError("arguments", message);
}
