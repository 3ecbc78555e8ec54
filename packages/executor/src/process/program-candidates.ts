/** Where the C library looks when the child has no `PATH`. */
const DEFAULT_PATH = "/bin:/usr/bin";

/**
 * The files that a program's name may stand for, in the order in which they are tried. Relative ones are meant from the
 * child's working folder.
 *
 * @param env - The child's environment: its own `PATH` counts.
 */
export function programCandidates(program: string, env: Readonly<Record<string, string>>): readonly string[] {
  if (program.includes("/")) return [program];
  const folders = (env.PATH ?? DEFAULT_PATH).split(":");
  // An empty entry is the working folder.
  return folders.map((folder) => (folder === "" ? `./${program}` : `${folder}/${program}`));
}
