/** Files that are there, and a patch for them. */
export interface PatchCase {
  readonly name: string;
  /** Content by name. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** What links say, by name. */
  readonly links?: Readonly<Record<string, string>>;
  readonly patch: string;
  /** Why ours does something else than a release. It must. */
  readonly differs?: string;
}

/** What is left in a folder: contents in Latin 1, what links say after an arrow, folders as nothing. */
export type Contents = Readonly<Record<string, string>>;

/** What became of a patch. */
export interface PatchOutcome {
  readonly isApplied: boolean;
  /** The list of files, or why not. `$DIR` stands for the folder. */
  readonly text: string;
  readonly contents: Contents;
}
