import { ERROR_CODES } from "@holdfast/exec-server-protocol";
import { isRemoteError, type PortClose } from "@holdfast/rpc";
import { type Environment, environmentOf } from "./environment.ts";
import type { CommandHost } from "./filesystem/command-entries.ts";
import { ExecutorFileSystem } from "./filesystem/executor-fs.ts";
import type { RunProgram } from "./filesystem/remote-script.ts";
import type { Forwarding, ForwardOptions, ForwardReverseOptions, ForwardTarget } from "./forward/types.ts";
import { fetchOn } from "./http/fetch.ts";
import type { HttpLines } from "./http/http-lines.ts";
import type { FetchOptions } from "./http/request-params.ts";
import {
  ENVIRONMENT_INFO_TIMEOUT_MS,
  ENVIRONMENT_STATUS_TIMEOUT_MS,
  EXIT_DRAIN_MS,
  HELPER_TIMEOUT_MS,
} from "./limits.ts";
import type { OutputEncoding, OutputIn } from "./process/output-collector.ts";
import { Processes } from "./processes.ts";
import { type AnyRunResult, runCommand } from "./run.ts";
import type { RunOptions, RunResult } from "./run-types.ts";
import type { OwnSessions } from "./session/own-sessions.ts";
import type { Session } from "./session/session.ts";
import { scriptCommand } from "./shell/shell-command.ts";
import { type ScriptOptions, type ShellTemplate, shellTemplate } from "./shell/shell-template.ts";
import type { ShellValue } from "./shell/shell-value.ts";

/** Whether an executor can be reached; see {@link Executor.state}. */
export type ExecutorState = "connected" | "recovering" | "failed" | "closed";

/** A connected executor: its processes and files. Made by `connect`. */
export class Executor implements AsyncDisposable {
  /** What it reported about itself in the handshake. */
  readonly environment: Environment;
  readonly processes: Processes;
  readonly fs: ExecutorFileSystem;
  readonly #session: Session;
  readonly #own: OwnSessions | undefined;
  readonly #http: HttpLines;

  /** Made by `connect`. */
  constructor(parts: {
    readonly session: Session;
    /** Undefined: all processes share the session. */
    readonly own: OwnSessions | undefined;
    readonly http: HttpLines;
    readonly environment: Environment;
    /** Default of `terminateOnClose`. */
    readonly terminatesOnClose: boolean;
  }) {
    this.#session = parts.session;
    this.#own = parts.own;
    this.#http = parts.http;
    this.environment = parts.environment;
    this.processes = new Processes({ ...parts, runHelper: (argv) => this.#runHelper(argv) });
    this.fs = new ExecutorFileSystem(parts.session, {
      environment: parts.environment,
      canStream: parts.environment.capabilities.fileWriteStreaming,
      canStage: parts.environment.capabilities.holdfastStaging,
      canSearch: parts.environment.capabilities.holdfastSearch,
      canWatch: parts.environment.capabilities.holdfastWatch,
      canChangeEntries: parts.environment.capabilities.holdfastFiles,
      canRefuseToReplace: parts.environment.capabilities.holdfastNoReplace,
      commands: commandsOf(parts.environment, (argv, options) => this.run(argv, options)),
      canArchive: parts.environment.capabilities.holdfastTrees,
      start: async (argv, cwd) => {
        const { process } = await this.processes.launch({ argv, cwd, pipeStdin: true }, { reader: "fast" });
        return process;
      },
    });
  }

  /**
   * Its session, as the executor named it, which owns the processes that have none of their own; see
   * `processConnections` of `connect`.
   */
  get sessionId(): string {
    return this.#session.id;
  }

  /**
   * `connected`; `recovering` while the client reconnects: calls wait; `failed` when it is out of
   * reach for good; `closed` by this side.
   */
  get state(): ExecutorState {
    return this.#session.state.kind;
  }

  /** Resolves when it is out of reach for good, with who ended it and why. Never rejects. */
  get closed(): Promise<PortClose> {
    return this.#session.closed;
  }

  /**
   * Run a command to its end and collect its output.
   *
   * A non-zero exit is a result, unless `check` is true. The result comes when all output has arrived, which descendants can delay beyond the
   * exit. Without `env` and `envPolicy` the command inherits the environment of the executor. No shell is involved.
   *
   * @param argv - Program and arguments, at least the program.
   * @throws CommandFailedError - With `check: true`: the exit code is not 0.
   * @throws RunInterruptedError - `timeoutMs` passed or `signal` aborted; carries the output until then.
   * @throws InvalidArgumentError, StartError, CommandNotFoundError - It was not started; see `processes.start`.
   * @throws LinkError - The connection was lost before the start was answered, or for good; the command may be running.
   */
  run<Encoding extends OutputEncoding = "utf8">(
    argv: readonly string[],
    options?: RunOptions<Encoding>,
  ): Promise<RunResult<OutputIn<Encoding>>>;
  run(argv: readonly string[], options: RunOptions<OutputEncoding> = {}): Promise<AnyRunResult> {
    // Executors of this project tell of an exit behind the output before it.
    const drainMs = this.environment.capabilities.holdfastProcessControl ? 0 : EXIT_DRAIN_MS;
    return runCommand({ processes: this.processes, clock: this.#session.clock, drainMs }, argv, options);
  }

  /**
   * Run a script by a shell: `sh` where the executor's system is POSIX, PowerShell on Windows.
   *
   * The script goes as it is; `args` are its `"$1"`, `"$2"` and so on (`$args` in PowerShell), which no shell reads as a script. Never
   * put a value into the text of the script: give it as an argument, or use {@link Executor.$}.
   *
   * @param options - Those of {@link Executor.run}, and `args`.
   * @throws InvalidArgumentError - The script is no text; an argument is neither text nor number.
   * @throws As {@link Executor.run}.
   */
  async sh(script: string, options: ScriptOptions = {}): Promise<RunResult> {
    const { args, ...how } = options;
    return await this.run(scriptCommand(this.environment, script, args), how);
  }

  /**
   * The command by which {@link Executor.sh} runs a script, for `processes.start`.
   *
   * @throws InvalidArgumentError - As there.
   */
  shellCommand(script: string, args: readonly ShellValue[] = []): readonly string[] {
    return scriptCommand(this.environment, script, args);
  }

  /**
   * Run a script that is written as a template, by the same shell as {@link Executor.sh}: ``await executor.$`git commit -m ${message}` ``.
   *
   * Each value becomes one word, whatever is in it, also within double or single quotes; a list becomes as many words as it has
   * entries. Values travel beside the script, as parameters: none of them can end a quote or begin a command. Backslashes are the
   * shell's, as in a script file. ``executor.$({ cwd: "/repo" })`…` `` has the options of {@link Executor.run}.
   *
   * A program that reads its argument as a script, such as `eval`, `sh -c`, `awk`, or `let` and `declare -i` of bash, still does so with a value.
   *
   * @throws InvalidArgumentError - A value is `undefined` or an object; or it stands where a shell would not take it for a word: a comment,
   * a here-document, backquotes, arithmetic, `[[…]]`.
   * @throws As {@link Executor.run}.
   */
  get $(): ShellTemplate {
    return shellTemplate(this.environment, (argv, options) => this.run(argv, options));
  }

  /**
   * Make an HTTP request on the executor's network. Takes what the platform's `fetch` takes, `timeoutMs`,
   * `headersFromEnv`, `decode` and `sandbox`.
   *
   * The body of the answer is a stream with back-pressure: what is not read stays with its sender, over a connection of its own
   * where the target can be dialled again (else at most 16 MiB wait here, then the body fails). gzip, deflate, br and zstd are
   * asked for and decoded, as the platform can, unless `decode` is false.
   * Redirects are followed by this client, up to 20, and `url` and `redirected` are those of the last. `statusText` is empty: the
   * wire does not carry it. `sandbox` is this client's own check of the host of each request, before it is sent. The request's body is sent whole, up to
   * 11 MiB. Nothing is repeated: when the connection is lost, the call or the body fails at once.
   *
   * @throws InvalidArgumentError, TypeError - The request can not be made. Nothing was sent.
   * @throws FetchError - There was no answer, or the executor refused; `code` says why.
   * @throws LinkError - There is no connection. Named `AbortError` or `TimeoutError`: by the signal, or `timeoutMs` passed.
   * @throws HttpBodyError - From the body: it ended early, or can not be decoded. From the call: a redirect that is forbidden, one too many, or none of the web.
   * @throws FetchDeniedError - `sandbox` does not let it go to that host. It was not sent there.
   */
  fetch(input: string | URL | Request, init?: RequestInit & FetchOptions): Promise<Response> {
    const { httpHeaderEnvVars: canReadEnv } = this.environment.capabilities;
    // Executors before 0.144 tell no working folder, and obey no redirect policy.
    const stopsAtRedirects = this.environment.cwd !== undefined;
    return fetchOn({ lines: this.#http, clock: this.#session.clock, canReadEnv, stopsAtRedirects }, input, init);
  }

  /**
   * Listen here; each connection is one that the executor's machine makes to `to`. Bytes pass in both directions at the pace of their
   * reader, each direction ends by itself, and a line that is lost and found again is a pause.
   *
   * An executor without the capability `holdfastConnections`, as those of Codex are, starts a program for each connection: `perl`, `python3`,
   * `node`, `socat`, `nc -N` or `bash`, the first that is there (`bash` not to a unix socket). With the last three, a far side that ends ends both
   * directions. Not in a browser.
   *
   * @param to - A port there, a host and a port as the executor's machine knows them, or the path of a unix socket there.
   * @throws UnsupportedError - The executor lacks the capability, and its machine all of those programs.
   * @throws InvalidArgumentError - An option is wrong. @throws Error - The port here can not be had, as Node says it.
   * @throws LinkError - Named `AbortError` or `TimeoutError`: `signal` was aborted before.
   */
  async forward(to: ForwardTarget, options: ForwardOptions = {}): Promise<Forwarding> {
    const { forward } = await import("./forward/forward.ts");
    return await forward(this, to, options);
  }

  /**
   * Listen on the executor's machine; each connection there is one that this machine makes to `to`. Otherwise as {@link Executor.forward}. The listener there
   * outlives a lost line, while what connects waits, and is gone with the session.
   *
   * @param to - A port here, a host and a port, or the path of a unix socket here.
   * @throws ListenError - The executor's machine can not listen there; `code` is `EADDRINUSE`, `EACCES`, …
   * @throws UnsupportedError, InvalidArgumentError, LinkError - As `forward`.
   */
  async forwardReverse(to: ForwardTarget, options: ForwardReverseOptions = {}): Promise<Forwarding> {
    const { forwardReverse } = await import("./forward/forward-reverse.ts");
    return await forwardReverse(this, to, options);
  }

  /** Request what it reports about itself anew. Waits up to 30 s. */
  async environmentInfo(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<Environment> {
    const { signal } = options;
    const info = await this.#session.stub.environment.info({ timeoutMs: ENVIRONMENT_INFO_TIMEOUT_MS, signal });
    return environmentOf(info);
  }

  /** Whether it is ready for work. `unknown`: it has no such method (before 0.150). Waits up to 10 s. */
  async status(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<string> {
    const { signal } = options;
    try {
      const call = { timeoutMs: ENVIRONMENT_STATUS_TIMEOUT_MS, signal };
      return (await this.#session.stub.environment.status(call)).status;
    } catch (error) {
      if (isRemoteError(error) && error.code === ERROR_CODES.MethodNotFound) return "unknown";
      throw error;
    }
  }

  /**
   * Close the connection. Idempotent.
   *
   * Processes that still run are not terminated by this: the executor keeps them for the session, unseen, and kills them
   * after its own time (30 s before 0.169, 80 s since). Those with `terminateOnClose` are, which takes up to 2 s. An executor that was
   * started as a child ends with the connection, and its processes with it.
   */
  async close(): Promise<void> {
    this.#http.close();
    await this.processes.endAll();
    await Promise.all([this.#session.close("the client is done"), this.#own?.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** In the root folder, which every POSIX system has: not every executor tells its own. */
  async #runHelper(argv: readonly string[]): Promise<number> {
    return (await this.run(argv, { cwd: "/", timeoutMs: HELPER_TIMEOUT_MS })).exitCode;
  }
}

/** Old executors do not tell their system: one with POSIX paths is taken for Linux, whose commands will say so if it is not. */
function commandsOf(
  { pathConvention, platformOs, userHomeDir }: Environment,
  run: RunProgram,
): CommandHost | undefined {
  const isLinux = platformOs === "linux" || (platformOs === undefined && pathConvention === "posix");
  return isLinux ? { run, home: userHomeDir } : undefined;
}
