import type { HoldfastStartParams, ProcessStartParams } from "@holdfast/exec-server-protocol";
import {
  abortSignal,
  anything,
  commandLine,
  duration,
  flag,
  type OptionChecks,
  objectOrNull,
  stringsByName,
  text,
  wholeNumber,
} from "@holdfast/rpc/client";
import type { Environment } from "../environment.ts";
import { InvalidArgumentError } from "../errors.ts";
import { type RemotePath, toPathUri } from "../paths.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { confinementOf } from "../sandbox/sandbox-context.ts";
import type { InputSource } from "./input/input-source.ts";
import { checkSendable } from "./sendable.ts";
import { type SignalName, signalName } from "./signal-names.ts";
import { type TerminalSize, terminalSize } from "./terminal-size.ts";
import { userName } from "./user-name.ts";

/** Where the environment of a process comes from, before `env` is laid over it. */
export type EnvironmentPolicy = NonNullable<ProcessStartParams["envPolicy"]>;

/** Members that go to the executor as they are. Newer ones need the capability that the protocol's types name. */
const PASSED_ON = ["enforceManagedNetwork", "managedNetwork", "networkProxy", "metadata", "shellSnapshot"] as const;

/** Written out, so that editors show what each is for. */
interface PassedOnOptions {
  /** Refuse to run confined without a usable managed network. Default false. */
  readonly enforceManagedNetwork?: ProcessStartParams["enforceManagedNetwork"] | undefined;
  /** What a confined process may reach through a proxy that the caller prepared: ports on loopback, and host names. */
  readonly managedNetwork?: ProcessStartParams["managedNetwork"] | undefined;
  /** A proxy for the executor to run beside a confined process. Needs the capability `networkProxyLaunch`. */
  readonly networkProxy?: ProcessStartParams["networkProxy"] | undefined;
  /** For the telemetry of executors that have one; no effect on the process. */
  readonly metadata?: ProcessStartParams["metadata"] | undefined;
  /** Start-up state of a shell to restore. Needs the capability `shellSnapshotV2`. */
  readonly shellSnapshot?: ProcessStartParams["shellSnapshot"] | undefined;
}

/** What every way of starting a process takes. */
export interface ProcessOptions extends PassedOnOptions {
  /** Working folder. Default: that of the executor. */
  readonly cwd?: RemotePath | undefined;
  /** Variables laid over what `envPolicy` gives; an undefined value is left out. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /**
   * What the process inherits from the executor. Default: everything. Members that are left out are `inherit: "all"`,
   * `ignoreDefaultExcludes: true` and empty. `null`: nothing at all, `env` is the whole environment, also without `PATH`.
   */
  readonly envPolicy?: Partial<EnvironmentPolicy> | null | undefined;
  /** Run it in a terminal. Stdout and stderr become one. Default: false, or true with `terminal`. */
  readonly tty?: boolean | undefined;
  /** How it is confined. Where the executor can not confine, it is not started. Default: not at all. */
  readonly sandbox?: Sandbox | null | undefined;
  /** Run it in a terminal of this size; see `process.resize`. Default with `tty`: 24 rows and 80 columns. */
  readonly terminal?: TerminalSize | undefined;
  /**
   * Sent to its stdin, which ends behind it: `cat`, `sort` and `tar x` see the end of their input. Read as the process takes it, at
   * most 1 MiB ahead; in a terminal, the end is ctrl-D. A process that ends early drops the rest and cancels the source. A
   * source that fails ends the process, with a `ProcessInputError`. Default: stdin is at its end from the start.
   */
  readonly input?: InputSource | undefined;
  /**
   * User to run it as: a name, or an id in digits. Only the superuser may run commands as somebody else, and only executors with
   * the capability `holdfastProcessControl` can (else `UnsupportedError`). Default: that of the executor.
   */
  readonly user?: string | undefined;
  /**
   * Sent first when a time limit or a signal ends it, so that it can clean up. What is left after `killGraceMs` is killed by SIGKILL.
   * Default: SIGKILL at once.
   */
  readonly killSignal?: SignalName | undefined;
  /** Milliseconds between `killSignal` and SIGKILL. Default 5,000. */
  readonly killGraceMs?: number | undefined;
  /** What the process sees as `argv[0]`. Default: `argv[0]`. */
  readonly arg0?: string | undefined;
}

/** Options of `executor.processes.start`. */
export interface StartOptions extends ProcessOptions {
  /** Program and arguments, at least the program. It is looked up in the `PATH` of its environment. */
  readonly argv: readonly string[];
  /**
   * `pipe`: stdin is a pipe, for `write` and `closeStdin`. `file`: the same, but the process starts once `closeStdin` was called, and
   * finds all of it in a file without a name, in which it can seek. `none`: stdin is at its end from the start. Anything else
   * is read as `input` is. Default `none`.
   *
   * Where the executor can not close a pipe (releases of Codex), `sh` starts the command: one that is missing then ends with exit code
   * 127 instead of an error, and only the client that started it can write to it.
   */
  readonly stdin?: "none" | "pipe" | "file" | Exclude<InputSource, string> | undefined;
  /** As `stdin: "pipe"`, but without `sh` in between: on releases of Codex `closeStdin` is then an `UnsupportedError`. Default false. */
  readonly pipeStdin?: boolean | undefined;
  /**
   * Ends the process when aborted, however long it has been running: by `killSignal`, or else SIGKILL. Its exit is told as usual.
   * Aborted before the start was answered, `start` rejects.
   */
  readonly signal?: AbortSignal | undefined;
  /** End it when the executor is closed by this client; else it may run on. Default: that of `connect`, which is false. */
  readonly terminateOnClose?: boolean | undefined;
  /** Name of the process, unique in the session. Default: a random one. */
  readonly processId?: string | undefined;
  /**
   * Milliseconds that it may live while this client has no connection: after them it is killed with all that it started, also when this program was
   * killed and comes back no more. Needs the capability `holdfastProcessEnding` (else `UnsupportedError`). Default: as long as the
   * executor keeps the session.
   */
  readonly maxDetachedMs?: number | undefined;
}

/** What every way of starting a process takes. */
export const PROCESS_OPTIONS: OptionChecks<ProcessOptions> = {
  cwd: anything,
  env: stringsByName,
  envPolicy: objectOrNull,
  tty: flag,
  terminal: terminalSize,
  input: anything,
  user: userName,
  killSignal: signalName,
  killGraceMs: duration,
  arg0: text,
  sandbox: anything,
  enforceManagedNetwork: anything,
  managedNetwork: anything,
  networkProxy: anything,
  metadata: anything,
  shellSnapshot: anything,
};

export const START_OPTIONS: OptionChecks<StartOptions> = {
  ...PROCESS_OPTIONS,
  argv: commandLine,
  stdin: anything,
  pipeStdin: flag,
  signal: abortSignal,
  terminateOnClose: flag,
  processId: text,
  maxDetachedMs: wholeNumber(0, 0xffff_ffff),
};

const INHERIT_ALL: EnvironmentPolicy = {
  inherit: "all",
  ignoreDefaultExcludes: true,
  exclude: [],
  set: {},
  includeOnly: [],
};

/**
 * @param holdfast - For an executor with `holdfastProcessControl`.
 * @throws InvalidArgumentError `argv` is empty, `cwd` is no absolute path or unknown, or a member can not be sent.
 */
export function toStartParams(
  options: StartOptions,
  processId: string,
  environment: Environment,
  holdfast?: HoldfastStartParams,
): ProcessStartParams {
  const { argv, cwd, env, envPolicy, tty, arg0, pipeStdin, sandbox } = options;
  commandLine(argv, "argv");
  if (processId === "") throw new InvalidArgumentError("processId", "processId must not be empty");
  const folder = workingDirectory(cwd, environment);
  const confinement = confinementOf(sandbox, folder, environment);
  const passedOn = withoutUndefined(passedOnOf(options));
  if (confinement.networkProxy !== undefined) refuseSecondNetwork(passedOn);
  const params = {
    ...confinement,
    ...passedOn,
    processId,
    argv: [...argv],
    cwd: folder,
    env: withoutUndefined(env ?? {}),
    tty: tty ?? false,
    pipeStdin: pipeStdin ?? false,
    arg0: arg0 ?? null,
    ...(envPolicy === null ? {} : { envPolicy: { ...INHERIT_ALL, ...envPolicy } }),
    ...(holdfast && { holdfast }),
  };
  checkSendable(params);
  return params;
}

/** One of them would take the place of the list. */
function refuseSecondNetwork(passedOn: PassedOnOptions): void {
  const second = (["enforceManagedNetwork", "managedNetwork", "networkProxy"] as const).find(
    (name) => name in passedOn,
  );
  if (second === undefined) return;
  throw new InvalidArgumentError(second, `${second} must not be given with a sandbox whose network is a list of hosts`);
}

function passedOnOf(options: PassedOnOptions): PassedOnOptions {
  return Object.fromEntries(PASSED_ON.map((name) => [name, options[name]]));
}

function workingDirectory(cwd: RemotePath | undefined, environment: Environment): ProcessStartParams["cwd"] {
  if (cwd !== undefined) return toPathUri(cwd, environment.pathConvention, "cwd");
  if (environment.cwd !== undefined) return environment.cwd;
  throw new InvalidArgumentError("cwd", "cwd is required: this executor does not tell its working folder");
}

type Defined<Members> = { [Name in keyof Members]: Exclude<Members[Name], undefined> };

function withoutUndefined<Members extends object>(members: Members): Defined<Members> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<Members>;
}
