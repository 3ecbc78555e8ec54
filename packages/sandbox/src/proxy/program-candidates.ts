/** Where the C library looks when the command has no `PATH`, and where programs of one's own lie. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Different folders of `PATH` in which a command is looked for: each of them costs looks at the disk. */
export const MAX_PATH_FOLDERS = 256;

/** The files that a program's name may stand for. */
export interface ProgramCandidates {
  /** In the order in which they are tried, each once. */
  readonly files: readonly string[];
  /** `PATH` names more folders, which are not looked into. */
  readonly isCut: boolean;
}

/** Where a program may be, by the `PATH` of the command. An empty folder is the working folder. */
export function programCandidates(name: string, path = DEFAULT_PATH): ProgramCandidates {
  if (name.includes("/")) return { files: [name], isCut: false };
  const files = new Set<string>();
  for (const folder of foldersOf(path)) {
    const file = `${folder === "" ? "." : folder}/${name}`;
    if (files.size === MAX_PATH_FOLDERS && !files.has(file)) return { files: [...files], isCut: true };
    files.add(file);
  }
  return { files: [...files], isCut: false };
}

/** One after the other: most of a long text is never taken apart. */
function* foldersOf(path: string): Generator<string, void, void> {
  for (let start = 0; start <= path.length; ) {
    const colon = path.indexOf(":", start);
    const end = colon === -1 ? path.length : colon;
    yield path.slice(start, end);
    start = end + 1;
  }
}
