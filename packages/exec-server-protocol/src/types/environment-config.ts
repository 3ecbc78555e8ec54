import type { PathUri } from "@holdfast/path-uri";

/** Reads chosen values of the configuration files that the executor finds. */
export interface EnvironmentConfigReadParams {
  /** Folder whose project configuration counts. */
  cwd: PathUri;
  /** Key paths into the configuration, each with at least one key. */
  configPaths: string[][];
  /** Key paths into the requirements, each with at least one key. One of the two lists must not be empty. */
  requirementsPaths: string[][];
}

export interface EnvironmentConfigReadResult {
  userHomeDir: PathUri;
  codexHomeDir: PathUri;
  hostname?: string | null;
  config: ConfigLayers;
  requirements: ConfigLayers;
}

/** Values by the file they come from. */
export interface ConfigLayers {
  /** Lowest precedence first. What a layer holds depends on the executor's release. */
  layers: unknown[];
  /**
   * Where layers that the executor cannot see belong in the list.
   *
   * @format uint64
   */
  cloudInsertionIndex: number;
}
