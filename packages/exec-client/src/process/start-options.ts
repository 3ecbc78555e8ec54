import type { ProcessStartParams } from "@holdfast/exec-server-protocol";
import type { OptionChecks } from "../arguments/check-options.ts";
import { anything, commandLine, flag, objectOrNull, stringsByName, text } from "../arguments/checks.ts";
import type { Environment } from "../environment.ts";
import { InvalidArgumentError } from "../errors.ts";
import { type RemotePath, toPathUri } from "../paths.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { confinementOf } from "../sandbox/sandbox-context.ts";
import { checkSendable } from "./sendable.ts";

/** Where the environment of a process comes from, before `env` is laid over it. */
export type EnvironmentPolicy = NonNullable<ProcessStartParams["envPolicy"]>;

/** Members that go to the executor as they are. Newer ones need the capability that the protocol's types name. */
type PassedOn = "enforceManagedNetwork" | "managedNetwork" | "networkProxy" | "metadata" | "shellSnapshot";

type PassedOnOptions = { readonly [Name in PassedOn]?: ProcessStartParams[Name] | undefined };

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
  /** Run it in a terminal of 24 rows and 80 columns. Stdout and stderr become one. Default false. */
  readonly tty?: boolean | undefined;
  /** How it is confined. Where the executor can not confine, it is not started. Default: not at all. */
  readonly sandbox?: Sandbox | null | undefined;
  /** What the process sees as `argv[0]`. Default: `argv[0]`. */
  readonly arg0?: string | undefined;
}

/** Options of `executor.processes.start`. */
export interface StartOptions extends ProcessOptions {
  /** Program and arguments, at least the program. It is looked up in the `PATH` of its environment. */
  readonly argv: readonly string[];
  /** Give it a pipe as stdin, for `write`. Otherwise stdin is at its end from the start. Default false. */
  readonly pipeStdin?: boolean | undefined;
  /** Name of the process, unique in the session. Default: a random one. */
  readonly processId?: string | undefined;
}

/** What every way of starting a process takes. */
export const PROCESS_OPTIONS: OptionChecks<ProcessOptions> = {
  cwd: anything,
  env: stringsByName,
  envPolicy: objectOrNull,
  tty: flag,
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
  pipeStdin: flag,
  processId: text,
};

const INHERIT_ALL: EnvironmentPolicy = {
  inherit: "all",
  ignoreDefaultExcludes: true,
  exclude: [],
  set: {},
  includeOnly: [],
};

/** @throws InvalidArgumentError `argv` is empty, `cwd` is no absolute path or unknown, or a member can not be sent. */
export function toStartParams(options: StartOptions, processId: string, environment: Environment): ProcessStartParams {
  const { argv, cwd, env, envPolicy, tty, arg0, pipeStdin, sandbox, processId: _, ...passedOn } = options;
  commandLine(argv, "argv");
  if (processId === "") throw new InvalidArgumentError("processId", "processId must not be empty");
  const folder = workingDirectory(cwd, environment);
  const params = {
    ...confinementOf(sandbox, folder, environment),
    ...withoutUndefined(passedOn),
    processId,
    argv: [...argv],
    cwd: folder,
    env: withoutUndefined(env ?? {}),
    tty: tty ?? false,
    pipeStdin: pipeStdin ?? false,
    arg0: arg0 ?? null,
    ...(envPolicy === null ? {} : { envPolicy: { ...INHERIT_ALL, ...envPolicy } }),
  };
  checkSendable(params);
  return params;
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
