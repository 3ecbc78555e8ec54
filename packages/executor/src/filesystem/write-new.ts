import { bufferContent } from "./content.ts";
import { errnoOf, invalidInput, withFaults } from "./fault.ts";
import { checkedPath, joinPath, splitPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";
import { type PinnedDirectory, pinDirectory, pinParentWithoutLinks } from "./pinned-parent.ts";
import { replaceContent } from "./replace-content.ts";
import { DISK_FAILURES, freshName } from "./write-aside.ts";

export interface WriteNewOptions {
  /** Permission bits that the file has afterwards; undefined: as `writeFile`. */
  readonly mode: number | undefined;
  /** Refuse where something has the name. */
  readonly exclusive: boolean;
  readonly followSymlinks: boolean;
}

const MAX_MODE = 0o7777;
const NEW_FILE_MODE = 0o666;
/** File systems that give a file one name only say so in one of these ways. */
const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"]);

/**
 * Write a whole file as `writeFile` does, with permission bits, or only where nothing has the name: then it is there whole, or
 * not at all.
 *
 * @throws FileSystemFault as `writeFile`, and `other` `File exists`.
 */
export function writeNew(
  path: Buffer,
  data: Buffer,
  options: WriteNewOptions,
  calls: OsCalls = systemCalls,
): Promise<void> {
  const { mode, exclusive, followSymlinks } = options;
  return withFaults(async () => {
    if (mode !== undefined && mode > MAX_MODE) throw invalidInput(`mode ${mode.toString(8)} has more bits than 7777`);
    const checked = checkedPath(path);
    const content = bufferContent(data, mode);
    const links = { followSymlinks, signal: undefined };
    if (!exclusive && followSymlinks) return replaceContent(calls, checked, content, links);
    const { folder, name } = await holdFolder(calls, checked, followSymlinks);
    try {
      const place = joinPath(folder.path, name);
      if (!exclusive) return await replaceContent(calls, place, content, links);
      const aside = joinPath(folder.path, freshName());
      try {
        await content.createAt(calls, aside, NEW_FILE_MODE);
        await linkOrCreate(calls, aside, place, () => content.createAt(calls, place, NEW_FILE_MODE));
      } finally {
        await calls.unlink(aside).catch(() => {});
      }
    } finally {
      await folder.close();
    }
  });
}

async function holdFolder(
  calls: OsCalls,
  path: Buffer,
  followSymlinks: boolean,
): Promise<{ readonly folder: PinnedDirectory; readonly name: Buffer }> {
  const { parent, name } = splitPath(path);
  if (followSymlinks) return { folder: await pinDirectory(calls, parent, { noFollow: false }), name };
  const entry = await pinParentWithoutLinks(calls, path);
  return { folder: { path: entry.parent, close: () => entry.close() }, name };
}

/** Where a file can have one name only, it is made under it, and removed again when the disk fails. */
async function linkOrCreate(calls: OsCalls, aside: Buffer, place: Buffer, create: () => Promise<void>): Promise<void> {
  try {
    return await calls.link(aside, place);
  } catch (thrown) {
    if (!NO_LINKS.has(errnoOf(thrown) ?? "")) throw thrown;
  }
  try {
    await create();
  } catch (thrown) {
    if (DISK_FAILURES.has(errnoOf(thrown) ?? "")) await calls.unlink(place).catch(() => {});
    throw thrown;
  }
}
