import type { Executor } from "@holdfast/exec-client";
import type { EnvironmentHandle, ToolPlace } from "@holdfast/orchestrator";
import { untilAborted } from "@holdfast/rpc/client";
import type { Arguments } from "../command-line/arguments.ts";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, UsageError } from "../command-line/failure.ts";
import { HELD_RECOVERY_SECONDS } from "../connect/held-recovery.ts";
import { type OpenEnvironments, openEnvironments } from "../env/open-environments.ts";
import { recoveryTimeMs } from "../executor/recovery-time.ts";
import { environmentsText } from "./instructions.ts";
import { type Introduction, type ServedPlace, type ServedPlaces, servedPlace } from "./served-place.ts";
import type { SandboxOptions } from "./tool-sandbox.ts";

/** All environments that are configured here, by their ids. */
export class ServingEnvironments implements ServedPlaces {
  readonly ids: readonly string[];
  readonly #opened: OpenEnvironments;
  readonly #handles: ReadonlyMap<string, EnvironmentHandle>;
  /** Working folders as they were written. */
  readonly #folders: ReadonlyMap<string, string>;
  readonly #sandbox: SandboxOptions;
  readonly #places = new WeakMap<Executor, Promise<ServedPlace>>();

  constructor(opened: OpenEnvironments, folders: ReadonlyMap<string, string>, sandbox: SandboxOptions) {
    this.#opened = opened;
    this.#handles = new Map(opened.registry.list().map((handle) => [handle.id, handle]));
    this.ids = [...this.#handles.keys()];
    this.#folders = folders;
    this.#sandbox = sandbox;
  }

  async introduction(): Promise<Introduction> {
    return { instructions: environmentsText([...this.#handles.values()], this.#folders), complaints: [] };
  }

  async at(id: string | undefined, signal?: AbortSignal): Promise<ToolPlace> {
    const handle = this.#handles.get(id ?? this.ids[0] ?? "");
    if (handle === undefined) throw new Error(`there is no environment ${id}, only ${this.ids.join(", ")}`);
    const executor = await handle.executor(signal);
    let place = this.#places.get(executor);
    if (place === undefined) {
      const folderOption = `--folder ${handle.id}=PATH`;
      const how = { id: handle.id, folder: this.#folders.get(handle.id), folderOption, sandbox: this.#sandbox };
      place = servedPlace(executor, how);
      this.#places.set(executor, place);
      // The next call tries anew.
      place.catch(() => this.#places.delete(executor));
    }
    return await untilAborted(place, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened[Symbol.asyncDispose]();
  }
}

/** @throws CommandFailure, UsageError - What is configured is refused, or names other environments than the options. */
export async function servingEnvironments(
  context: Context,
  args: Arguments,
  sandbox: SandboxOptions,
): Promise<ServingEnvironments> {
  const stray = ["url", "program", "token-file", "ca", "tls-cert", "tls-key", "allow-plaintext-relay"].find((name) =>
    args.names.includes(name),
  );
  if (stray !== undefined)
    throw new UsageError(`--${stray} does not go with --environments, which says where they are`);
  const recovery = { deadlineMs: recoveryTimeMs(args, HELD_RECOVERY_SECONDS) };
  const opened = await openEnvironments(context, {
    retryFailedStart: true,
    recovery: recovery.deadlineMs > 0 && recovery,
  });
  try {
    const ids = opened.registry.list().map(({ id }) => id);
    if (ids.length === 0) throw new CommandFailure("no environment is configured: `holdfast env add` adds one");
    return new ServingEnvironments(opened, foldersOf(args, ids), sandbox);
  } catch (error) {
    await opened[Symbol.asyncDispose]();
    throw error;
  }
}

/** `--folder ID=PATH`, and `--cwd` for the first. */
function foldersOf(args: Arguments, ids: readonly string[]): ReadonlyMap<string, string> {
  const [first = ""] = ids;
  const cwd = args.text("cwd");
  const folders = new Map(cwd === undefined ? [] : [[first, cwd]]);
  for (const word of args.texts("folder")) {
    const at = word.indexOf("=");
    const id = word.slice(0, at);
    if (at < 1) throw new UsageError(`--folder must be ID=PATH, not '${word}'`);
    if (!ids.includes(id))
      throw new UsageError(`--folder ${word}: there is no environment ${id}, only ${ids.join(", ")}`);
    folders.set(id, word.slice(at + 1));
  }
  return folders;
}
