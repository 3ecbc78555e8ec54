import type { Executor, Sandbox } from "@holdfast/exec-client";
import type { PathUri } from "@holdfast/path-uri";

/** Where a call of a tool takes effect. */
export interface ToolPlace {
  /** Name of the environment. */
  readonly id: string;
  readonly executor: Executor;
  /** Folder that relative paths start at. */
  readonly cwd: PathUri;
  /** What each command and each file call is confined by. It means the same in every folder: see `placedSandbox`. */
  readonly sandbox: Sandbox;
  /** The same for a model, as the end of a sentence: `may be written: /repo and temporary folders`. Undefined: nothing is confined. */
  readonly sandboxText?: string | undefined;
}

/** The environments of an agent, as its tools see them. */
export interface ToolPlaces {
  /** What a call may name by `environment_id`, the default first. With a single one, models are not told of it. */
  readonly ids: readonly string[];
  /**
   * @param id - Default: the first of `ids`.
   * @throws Error - There is no such environment, or it is out of reach; the message is for a model.
   */
  at(id: string | undefined, signal?: AbortSignal): Promise<ToolPlace>;
}
