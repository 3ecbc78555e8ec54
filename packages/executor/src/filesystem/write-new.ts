import { bufferContent, writeRange } from "./content.ts";
import { invalidInput, unlessNoModes, withFaults } from "./fault.ts";
import { checkedPath, joinPath, splitPath } from "./native-path.ts";
import { NewFile } from "./new-file.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";
import { type PinnedDirectory, pinDirectory, pinParentWithoutLinks } from "./pinned-parent.ts";
import { replaceContent } from "./replace-content.ts";

export interface WriteNewOptions {
  /** Permission bits that the file has afterwards; undefined: as `writeFile`. */
  readonly mode: number | undefined;
  /** Refuse where something has the name. */
  readonly exclusive: boolean;
  readonly followSymlinks: boolean;
}

const MAX_MODE = 0o7777;
const NEW_FILE_MODE = 0o666;

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
      await placeNew(calls, folder, name, { data, mode });
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

async function placeNew(
  calls: OsCalls,
  folder: PinnedDirectory,
  name: Buffer,
  { data, mode }: { readonly data: Buffer; readonly mode: number | undefined },
): Promise<void> {
  const file = await NewFile.create(calls, folder);
  try {
    // Whoever opens it before it has its mode reads all that comes.
    if (mode !== undefined) await calls.fchmod(file.fd, mode & NEW_FILE_MODE).catch(unlessNoModes);
    await writeRange(calls, file.fd, bufferContent(data), 0, data.length);
    if (mode === undefined) await calls.fchmod(file.fd, file.naturalMode).catch(unlessNoModes);
    else await calls.fchmod(file.fd, mode);
    await file.placeAs(name, { noReplace: true });
  } finally {
    await file.close();
  }
}
