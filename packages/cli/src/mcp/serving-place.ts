import type { ToolPlace } from "@holdfast/orchestrator";
import { untilAborted } from "@holdfast/rpc/client";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { reasonOf } from "../command-line/failure.ts";
import { HELD_RECOVERY_SECONDS } from "../connect/held-recovery.ts";
import { executorUrl } from "../executor/executor-url.ts";
import { type OpenExecutor, openExecutor } from "../executor/open-executor.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import { shownExecutor } from "../executor/shown-executor.ts";
import { complaintsOf, instructionsFor } from "./instructions.ts";
import { type Introduction, type ServedPlace, type ServedPlaces, servedPlace } from "./served-place.ts";
import type { SandboxOptions } from "./tool-sandbox.ts";

interface Opened {
  readonly open: OpenExecutor;
  readonly place: ServedPlace;
}

/**
 * The one executor that `mcp serve` was told of. It is dialled at once and for nobody in particular; when that fails, or a line is lost for
 * good, by the next call that needs it.
 */
export class ServingPlace implements ServedPlaces {
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

  async introduction(): Promise<Introduction> {
    try {
      const place = await this.#place();
      return { instructions: instructionsFor(place), complaints: complaintsOf(place) };
    } catch (error) {
      return { instructions: undefined, complaints: [`${reasonOf(error)}; the next call of a tool tries again`] };
    }
  }

  async at(_id: string | undefined, signal?: AbortSignal): Promise<ToolPlace> {
    return await untilAborted(this.#place(), signal);
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
      const how = { id: this.ids[0], folder: this.#args.text("cwd"), folderOption: "--cwd", sandbox: this.#sandbox };
      return { open, place: await servedPlace(open.executor, how) };
    } catch (error) {
      await open[Symbol.asyncDispose]();
      throw error;
    }
  }
}
