/** Names to values, both any text without NUL. */
export interface StringMap {
  [name: string]: string;
}

/**
 * Steps that build an environment, in this order: inherit, drop by default patterns, drop by `exclude`, add `set`, keep by
 * `includeOnly`. Patterns match whole names without regard to case; `*` is any run of characters and `?` any one.
 */
export interface EnvironmentPolicy {
  inherit: EnvironmentInherit;
  /** Keep names that match `*KEY*`, `*SECRET*` or `*TOKEN*`. */
  ignoreDefaultExcludes: boolean;
  /** Patterns of names to drop. */
  exclude: string[];
  /** Variables to set after dropping. */
  set: StringMap;
  /** Patterns of names to keep. Empty: all. */
  includeOnly: string[];
}

/** What to begin with: a few basic variables of the executor, all of them, or none. */
export type EnvironmentInherit = "core" | "all" | "none";
