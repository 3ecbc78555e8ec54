/** Where the C library looks when the child has no `PATH`. */
const DEFAULT_PATH = "/bin:/usr/bin";

/** The files that a program's name may stand for. */
export interface ProgramCandidates {
  /** In the order in which they are tried, each once. Relative ones are meant from the child's working folder. */
  readonly files: readonly string[];
  /** `PATH` names more folders, which are not tried. */
  readonly isCut: boolean;
}

/**
 * Where a program may be.
 *
 * @param env - The child's environment: its own `PATH` counts.
 * @param maxFolders - Different folders of `PATH` that are tried at most.
 */
export function programCandidates(
  program: string,
  env: Readonly<Record<string, string>>,
  maxFolders: number,
): ProgramCandidates {
  if (program.includes("/")) return { files: [program], isCut: false };
  const files = new Set<string>();
  for (const folder of foldersOf(env.PATH ?? DEFAULT_PATH)) {
    // An empty entry is the working folder.
    const file = folder === "" ? `./${program}` : `${folder}/${program}`;
    if (files.size === maxFolders && !files.has(file)) return { files: [...files], isCut: true };
    files.add(file);
  }
  return { files: [...files], isCut: false };
}

/** One after the other: most of a long text need never be taken apart. */
function* foldersOf(path: string): Generator<string, void, void> {
  for (let start = 0; start <= path.length; ) {
    const colon = path.indexOf(":", start);
    const end = colon === -1 ? path.length : colon;
    yield path.slice(start, end);
    start = end + 1;
  }
}
