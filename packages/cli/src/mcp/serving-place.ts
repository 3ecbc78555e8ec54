import type { Executor, Sandbox } from "@holdfast/exec-client";
import type { ToolPlace, ToolPlaces } from "@holdfast/orchestrator";
import { displayPath, type PathUri } from "@holdfast/path-uri";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { HELD_RECOVERY_SECONDS } from "../connect/held-recovery.ts";
import { executorUrl } from "../executor/executor-url.ts";
import { type OpenExecutor, openExecutor } from "../executor/open-executor.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import { remotePath } from "../executor/remote-path.ts";
import { shownExecutor } from "../executor/shown-executor.ts";
import { type SandboxOptions, toolSandbox } from "./tool-sandbox.ts";

/** Milliseconds for it; it is for the warning alone. */
const FIRST_LOOK_MAX_MS = 10_000;

/** A place with what a model is told of it. */
export interface ServedPlace extends ToolPlace {
  /** Why the working folder can not be written, where nobody asked for that. */
  readonly caution: string | undefined;
  /** Why its sandbox can not be enforced there, in which case nothing is done there. */
  readonly refusal: string | undefined;
}

interface Opened {
  readonly open: OpenExecutor;
  readonly place: ServedPlace;
}

/**
 * The one executor that `mcp serve` was told of. It is dialled at once and for nobody in particular; when that fails, or a line is lost for
 * good, by the next call that needs it.
 */
export class ServingPlace implements ToolPlaces, AsyncDisposable {
  readonly ids: readonly [string];
  readonly #context: Context;
  readonly #args: Arguments;
  readonly #sandbox: SandboxOptions;
  readonly #end = new AbortController();
  #opening: Promise<Opened> | undefined;

  /** @throws UsageError - The URL is none. */
  constructor(context: Context, args: Arguments, sandbox: SandboxOptions) {
    const url = executorUrl(args, context.env);
    this.ids = [url === undefined ? "this machine" : shownExecutor(url)];
    this.#context = context;
    this.#args = args;
    this.#sandbox = sandbox;
  }

  /** What is being dialled, or has been; a failure is its value. */
  async opened(): Promise<ServedPlace | Error> {
    try {
      return await this.#place();
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  async at(_id: string | undefined, signal?: AbortSignal): Promise<ToolPlace> {
    const place = await untilAborted(this.#place(), signal);
    return place;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    const opened = await this.#opening?.catch(() => undefined);
    await opened?.open[Symbol.asyncDispose]();
  }

  async #place(): Promise<ServedPlace> {
    this.#opening ??= this.#openFirst();
    const opening = this.#opening;
    const { place, open } = await opening;
    const { state } = place.executor;
    if (state !== "failed" && state !== "closed") return place;
    if (this.#opening === opening) {
      this.#opening = undefined;
      await open[Symbol.asyncDispose]();
    }
    return await this.#place();
  }

  #openFirst(): Promise<Opened> {
    const opening = this.#open();
    // The next call tries anew.
    opening.catch(() => {
      if (this.#opening === opening) this.#opening = undefined;
    });
    return opening;
  }

  async #open(): Promise<Opened> {
    const recoveryMs = recoveryTimeMs(this.#args, HELD_RECOVERY_SECONDS);
    const open = await openExecutor(this.#context, this.#args, { signal: this.#end.signal, recoveryMs });
    try {
      const { executor } = open;
      const { environment } = executor;
      const cwd = await this.#workingFolder(open);
      const { sandbox, text, caution } = toolSandbox(this.#sandbox, cwd, environment);
      const refusal = await refusalOf(executor, cwd, sandbox);
      return { open, place: { id: this.ids[0], executor, cwd, sandbox, sandboxText: text, caution, refusal } };
    } catch (error) {
      await open[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** @throws CommandFailure - It is not there, and what a command or a file call would say is less clear. */
  async #workingFolder({ executor }: OpenExecutor): Promise<PathUri> {
    const named = this.#args.text("cwd");
    const { cwd } = executor.environment;
    if (named === undefined) {
      if (cwd !== undefined) return cwd;
      throw new CommandFailure(
        `${this.ids[0]} does not tell its working folder: start holdfast mcp serve with --cwd PATH`,
      );
    }
    const folder = remotePath(named, executor.environment, "--cwd");
    const found = await executor.fs.metadata(folder).catch(() => undefined);
    if (found?.isDirectory === true) return folder;
    const what = found === undefined ? "is not there" : "is no folder";
    throw new CommandFailure(`the working folder ${displayPath(folder)} ${what} on ${this.ids[0]}; change --cwd`);
  }
}

/** What the executor says to a look at the working folder. It is ready for the next confined call then. */
async function refusalOf(executor: Executor, cwd: PathUri, sandbox: Sandbox): Promise<string | undefined> {
  if (sandbox === "none") return undefined;
  try {
    await executor.fs.metadata(displayPath(cwd), { sandbox, timeoutMs: FIRST_LOOK_MAX_MS });
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** @throws The reason of `signal`; the work goes on. */
async function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal | undefined): Promise<Value> {
  if (signal === undefined) return await work;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
