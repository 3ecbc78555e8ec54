/** Different folders of `PATH` in which a program is looked for: each of them costs looks at the disk. */
export const MAX_PATH_FOLDERS = 256;

/** The message when there are more, and the program was in none of those. */
export const TOO_MANY_PATH_FOLDERS = `\`PATH\` names more than ${MAX_PATH_FOLDERS} folders, only those were looked into; give the whole path of the program`;

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
 * @param path - As in `PATH`.
 * @param maxFolders - Different folders that are tried at most.
 */
export function programCandidates(program: string, path: string, maxFolders = MAX_PATH_FOLDERS): ProgramCandidates {
  if (program.includes("/")) return { files: [program], isCut: false };
  const files = new Set<string>();
  for (const folder of foldersOf(path)) {
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
