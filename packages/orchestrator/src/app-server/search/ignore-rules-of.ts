import type { Executor } from "@holdfast/exec-client";
import { IGNORE_FILE_MAX_BYTES, type IgnoreFilter, IgnoreRulesError } from "@holdfast/path-uri";

/** Files that say what of a folder is not looked for: the first in every folder, the second in those of a repository. The last one has the last word. */
const EVERYWHERE = ".ignore";
const IN_REPOSITORIES = ".gitignore";

/** A folder whose rules are to be read. */
export interface RuledFolder {
  /** Native absolute path. */
  readonly path: string;
  readonly names: ReadonlySet<string>;
  readonly isInRepository: boolean;
}

/**
 * What holds for the entries of a folder.
 *
 * @param filter - What holds for the folder by those above.
 * @returns Undefined: its rules can not be followed, and nothing in it is told.
 */
export async function rulesOf(
  { fs }: Executor,
  filter: IgnoreFilter,
  { path, names, isInRepository }: RuledFolder,
): Promise<IgnoreFilter | undefined> {
  let all = filter;
  for (const name of [...(isInRepository ? [IN_REPOSITORIES] : []), EVERYWHERE]) {
    if (!names.has(name)) continue;
    try {
      const place = `${path}/${name}`;
      const { isFile, size } = await fs.metadata(place);
      if (!isFile) continue;
      if (size > IGNORE_FILE_MAX_BYTES) return undefined;
      all = all.withFile(await fs.readFile(place));
    } catch (error) {
      if (error instanceof IgnoreRulesError) return undefined;
      // It is gone, or nobody may read it.
    }
  }
  return all;
}
