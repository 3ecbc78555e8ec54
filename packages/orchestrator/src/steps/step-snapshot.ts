import type { Environment, Executor } from "@holdfast/exec-client";
import { EnvironmentError } from "../environments/environment-error.ts";
import type { EnvironmentHandle } from "../environments/environment-handle.ts";
import type { EnvironmentSelection } from "./environment-selection.ts";
import type { ResolvedCapabilityRoot } from "./resolve-roots.ts";

/** A shell by its name, such as `bash`, and its native path or bare name. */
export type StepShell = Environment["shell"];

/** An environment that is ready in a step, by the handle that it was ready with. */
export interface StepEnvironment {
  readonly id: string;
  readonly cwd: string;
  readonly isRemote: boolean;
  /** Undefined: it could not be told. */
  readonly shell: StepShell | undefined;
  readonly handle: EnvironmentHandle;
}

/** The same with its connection, for who does something there. */
export interface StepPlace extends StepEnvironment {
  readonly executor: Executor;
}

export interface FailedEnvironment extends EnvironmentSelection {
  /** One line, without secrets. */
  readonly error: string;
}

export interface StepSnapshotParts {
  readonly ready: readonly StepEnvironment[];
  readonly starting: readonly EnvironmentSelection[];
  readonly failed: readonly FailedEnvironment[];
  readonly roots: readonly ResolvedCapabilityRoot[];
}

/**
 * The environments of one step, as they were when it began. What is registered meanwhile changes nothing about it: readiness and execution come from the
 * same handles, which it holds until it is disposed of.
 */
export class StepSnapshot implements Disposable {
  /** In the order of the selection. */
  readonly ready: readonly StepEnvironment[];
  readonly starting: readonly EnvironmentSelection[];
  readonly failed: readonly FailedEnvironment[];
  /** Those of the selected capability roots that are there. */
  readonly roots: readonly ResolvedCapabilityRoot[];
  readonly #holds: readonly Disposable[];

  constructor({ ready, starting, failed, roots }: StepSnapshotParts) {
    this.ready = ready;
    this.starting = starting;
    this.failed = failed;
    this.roots = roots;
    const handles = new Set([...ready, ...roots].map(({ handle }) => handle));
    this.#holds = [...handles].map((handle) => handle.hold());
  }

  /** The one that a call means that names none: the first that is ready. */
  get primary(): StepEnvironment | undefined {
    return this.ready[0];
  }

  /**
   * Where a call takes effect.
   *
   * @param id - Default: the primary one.
   * @returns Undefined: the step has none of that id, or none at all.
   * @throws EnvironmentError - `not-ready`: it is still starting. `failed`: it did not start, or its connection is lost and was not had back. @throws
   * The reason of `signal`.
   */
  async at(id: string | undefined, signal?: AbortSignal): Promise<StepPlace | undefined> {
    const environment = id === undefined ? this.primary : this.ready.find((each) => each.id === id);
    if (environment !== undefined) return { ...environment, executor: await environment.handle.executor(signal) };
    const missing = id === undefined ? (this.failed[0] ?? this.starting[0]) : this.#unready(id);
    if (missing === undefined) return undefined;
    const { environmentId } = missing;
    if ("error" in missing) {
      throw new EnvironmentError("failed", `environment \`${environmentId}\` failed: ${missing.error}`, {
        environmentId,
      });
    }
    throw new EnvironmentError("not-ready", `environment \`${environmentId}\` is still starting`, { environmentId });
  }

  #unready(id: string): EnvironmentSelection | FailedEnvironment | undefined {
    return [...this.failed, ...this.starting].find(({ environmentId }) => environmentId === id);
  }

  /** It is over: what only it still held may end. Idempotent. */
  [Symbol.dispose](): void {
    for (const hold of this.#holds) hold[Symbol.dispose]();
  }
}
