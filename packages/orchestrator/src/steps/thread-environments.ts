import { untilAborted } from "@holdfast/rpc/client";
import { unknownEnvironment } from "../environments/environment-error.ts";
import type { EnvironmentHandle } from "../environments/environment-handle.ts";
import type { EnvironmentRegistry } from "../environments/environment-registry.ts";
import type { SelectedCapabilityRoot } from "./capability-roots.ts";
import type { EnvironmentSelection } from "./environment-selection.ts";
import { resolveCapabilityRoots } from "./resolve-roots.ts";
import { type FailedEnvironment, type StepEnvironment, type StepShell, StepSnapshot } from "./step-snapshot.ts";

export interface ThreadEnvironmentsOptions {
  /** Shell of this machine. Default: the one that its executor tells. */
  readonly localShell?: StepShell | undefined;
}

export interface CaptureOptions {
  /** Capability roots that the thread has selected. Default: none. */
  readonly roots?: readonly SelectedCapabilityRoot[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

type Outcome = { readonly environment: StepEnvironment } | { readonly error: string };

/** One selected environment, on its way to be ready. */
interface Resolution {
  readonly selection: EnvironmentSelection;
  readonly handle: EnvironmentHandle;
  /** Whether it was ready when it was resolved: then a step waits for the outcome, which is about to come. */
  readonly wasReady: boolean;
  /** Never rejects. */
  readonly outcome: Promise<Outcome>;
  settled: Outcome | undefined;
}

/**
 * The environments that a thread works in, and what each of its steps sees of them.
 *
 * Selecting one connects it, in the background. A step waits only for those that were ready when they were selected; the others are starting, until they are not.
 */
export class ThreadEnvironments {
  readonly #registry: EnvironmentRegistry;
  readonly #options: ThreadEnvironmentsOptions;
  #selections: readonly EnvironmentSelection[] = [];
  #resolutions = new Map<string, Resolution>();

  constructor(registry: EnvironmentRegistry, options: ThreadEnvironmentsOptions = {}) {
    this.#registry = registry;
    this.#options = options;
  }

  /** What is selected, in its order. */
  get selections(): readonly EnvironmentSelection[] {
    return this.#selections;
  }

  /**
   * Work in these environments from the next step on. One that is selected with the same folder as before stays as it is.
   *
   * @returns Ids that are left out: no environment has them. Of an id that stands twice, the first counts.
   */
  select(selections: readonly EnvironmentSelection[]): readonly string[] {
    const unique = selections.filter(
      ({ environmentId }, index) => selections.findIndex((each) => each.environmentId === environmentId) === index,
    );
    this.#selections = unique.filter(({ environmentId }) => this.#registry.get(environmentId) !== undefined);
    this.#resolve();
    return unique.flatMap(({ environmentId }) =>
      this.#registry.get(environmentId) === undefined ? [environmentId] : [],
    );
  }

  /** Those that are ready, for a fork or a child of the thread: what is still starting it has to select for itself. */
  get attached(): readonly EnvironmentSelection[] {
    return this.#selections.filter(({ environmentId }) => {
      const settled = this.#resolutions.get(environmentId)?.settled;
      return settled !== undefined && "environment" in settled;
    });
  }

  /**
   * Begin a step: what is there now, by the handles of now. To be disposed of when the step is over.
   *
   * @throws The reason of `signal`.
   */
  async capture({ roots = [], signal }: CaptureOptions = {}): Promise<StepSnapshot> {
    signal?.throwIfAborted();
    this.#resolve();
    const selections = this.#selections;
    const resolutions = selections.map(({ environmentId }) => this.#resolutions.get(environmentId));
    const waited = resolutions.filter((each) => each?.wasReady === true);
    await untilAborted(Promise.all(waited.map((each) => each?.outcome)), signal);
    const ready: StepEnvironment[] = [];
    const starting: EnvironmentSelection[] = [];
    const failed: FailedEnvironment[] = [];
    for (const [index, selection] of selections.entries()) {
      const settled = outcomeOf(resolutions[index], selection);
      if (settled === undefined) starting.push(selection);
      else if ("error" in settled) failed.push({ ...selection, error: settled.error });
      else ready.push(settled.environment);
    }
    const captured = new Map<string, EnvironmentHandle | null>([
      ...starting.map(({ environmentId }) => [environmentId, null] as const),
      ...ready.map(({ id, handle }) => [id, handle] as const),
    ]);
    return new StepSnapshot({
      ready,
      starting,
      failed,
      roots: resolveCapabilityRoots(roots, captured, this.#registry),
    });
  }

  /** Bring the resolutions up to what is selected and registered. */
  #resolve(): void {
    const before = this.#resolutions;
    this.#resolutions = new Map();
    for (const selection of this.#selections) {
      const handle = this.#registry.get(selection.environmentId);
      if (handle === undefined) continue;
      const known = before.get(selection.environmentId);
      const stays =
        known !== undefined &&
        known.handle === handle &&
        known.selection.cwd === selection.cwd &&
        !hasFailed(known) &&
        !isFailed(handle);
      this.#resolutions.set(selection.environmentId, stays ? known : this.#resolution(selection, handle));
    }
  }

  #resolution(selection: EnvironmentSelection, handle: EnvironmentHandle): Resolution {
    // This machine is there as soon as it is asked for.
    const wasReady = !handle.isRemote || handle.status.state === "ready" || handle.status.state === "recovering";
    const outcome = this.#outcome(selection, handle).then((settled) => {
      resolution.settled = settled;
      return settled;
    });
    const { state, error } = handle.status;
    // Stored, and not tried again.
    const settled = state === "failed" && error !== undefined ? { error } : undefined;
    const resolution: Resolution = { selection, handle, wasReady, outcome, settled };
    return resolution;
  }

  async #outcome({ cwd }: EnvironmentSelection, handle: EnvironmentHandle): Promise<Outcome> {
    try {
      const { environment } = await handle.executor();
      const { id, isRemote } = handle;
      const shell = (isRemote ? undefined : this.#options.localShell) ?? environment.shell;
      return { environment: { id, cwd, isRemote, shell, handle } };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  }
}

function outcomeOf(resolution: Resolution | undefined, { environmentId }: EnvironmentSelection): Outcome | undefined {
  if (resolution === undefined) return { error: unknownEnvironment(environmentId).message };
  return resolution.settled;
}

function hasFailed({ settled }: Resolution): boolean {
  return settled !== undefined && "error" in settled;
}

function isFailed({ status }: EnvironmentHandle): boolean {
  return status.state === "failed";
}
