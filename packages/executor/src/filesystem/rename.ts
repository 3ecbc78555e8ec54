import { errnoOf, invalidInput, osFault, withFaults } from "./fault.ts";
import { checkedPath, isDot, isDotDot, joinPath, splitPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";
import { type PinnedDirectory, pinDirectory, pinnedPath } from "./pinned-parent.ts";
import {
  type GuardedPath,
  type ProtectedFrom,
  type ProtectedPaths,
  refusalToRemove,
  refusalToRemoveDirectory,
  resolveGuardedPaths,
} from "./protected-paths.ts";
import { renameNew } from "./rename-new.ts";

export interface RenameOptions {
  /** Refuse where something has the new name. Default false. */
  readonly noReplace?: boolean;
}

interface HeldName {
  readonly folder: PinnedDirectory;
  readonly name: Buffer;
}

/**
 * Rename a file, a link (never its target) or a folder, at once. Replaces a file, a link, or an empty folder by a folder.
 *
 * What `remove` refuses is refused at both ends. Both folders are held from the check to the renaming, so that no link can be
 * swapped in between.
 *
 * @throws FileSystemFault `not-found` - the source, or the folder of the destination, is missing.
 * @throws FileSystemFault `other` - `File exists`, with `noReplace`; `Cross-device link`, `Directory not empty`, `Is a directory`, `Not a directory`.
 * @throws FileSystemFault `invalid-input` - a protected place, or a folder into itself.
 */
export function rename(
  source: Buffer,
  destination: Buffer,
  places: ProtectedPaths,
  { noReplace = false }: RenameOptions = {},
  calls: OsCalls = systemCalls,
): Promise<void> {
  return withFaults(async () => {
    const guarded = await resolveGuardedPaths(calls, places);
    const [from, to] = [checkedPath(source), checkedPath(destination)];
    refuse(refusalToRemove(from, guarded, "renamed"));
    refuse(refusalToRemove(to, guarded, "replaced"));
    const held = await holdFolder(calls, from);
    try {
      const target = await holdFolder(calls, to);
      try {
        await checkName(calls, held, guarded, "renamed");
        await checkName(calls, target, guarded, "replaced");
        if (noReplace) await renameNew(calls, pathOf(held), pathOf(target));
        else await calls.rename(pathOf(held), pathOf(target));
      } finally {
        await target.folder.close();
      }
    } finally {
      await held.folder.close();
    }
  });
}

async function holdFolder(calls: OsCalls, path: Buffer): Promise<HeldName> {
  const { parent, name } = splitPath(path);
  if (isDot(name) || isDotDot(name)) throw osFault("EINVAL");
  return { folder: await pinDirectory(calls, parent, { noFollow: false }), name };
}

async function checkName(
  calls: OsCalls,
  held: HeldName,
  guarded: readonly GuardedPath[],
  from: ProtectedFrom,
): Promise<void> {
  const path = joinPath(await pinnedPath(calls, held.folder), held.name);
  refuse(refusalToRemove(path, guarded, from));
  const stats = await calls.lstat(pathOf(held)).catch((thrown: unknown) => {
    if (from === "replaced" && errnoOf(thrown) === "ENOENT") return undefined;
    throw thrown;
  });
  if (stats?.isDirectory() !== true) return;
  const parentStats = await calls.stat(held.folder.path);
  refuse(await refusalToRemoveDirectory(calls, { path, stats, parentStats }, guarded, from));
}

function pathOf({ folder, name }: HeldName): Buffer {
  return joinPath(folder.path, name);
}

function refuse(reason: string | undefined): void {
  if (reason !== undefined) throw invalidInput(reason);
}
