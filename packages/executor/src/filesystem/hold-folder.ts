import { withFaults } from "./fault.ts";
import { holdPlace, type LinkOptions } from "./held-place.ts";
import { checkedPath, isWithin, joinPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";
import { type PinnedDirectory, pinDirectory, pinnedPath } from "./pinned-parent.ts";
import { type ProtectedPaths, resolveGuardedPaths } from "./protected-paths.ts";

/** Hold the folder that a path leads to. @throws FileSystemFault what the system says: it is missing, or no folder. */
export function holdFolder(path: Buffer, calls: OsCalls = systemCalls): Promise<PinnedDirectory> {
  return withFaults(() => pinDirectory(calls, checkedPath(path), { noFollow: false }));
}

/** As {@link holdFolder}, where names at the end of the path may be no links. */
export function holdPlainFolder(
  path: Buffer,
  links: LinkOptions,
  calls: OsCalls = systemCalls,
): Promise<PinnedDirectory> {
  return withFaults(async () => {
    const { folder, name } = await holdPlace(calls, checkedPath(path), links);
    try {
      return await pinDirectory(calls, joinPath(folder.path, name), { noFollow: true });
    } finally {
      await folder.close();
    }
  });
}

/** The protected places within a held folder, by their names from it, and why they are. */
export async function guardedWithin(
  held: PinnedDirectory,
  places: ProtectedPaths,
  calls: OsCalls = systemCalls,
): Promise<{ readonly name: Buffer; readonly reason: string }[]> {
  const root = await pinnedPath(calls, held);
  const guarded = await resolveGuardedPaths(calls, places);
  const start = root.length === 1 ? 1 : root.length + 1;
  return guarded.flatMap(({ path, reason }) =>
    path.length > root.length && isWithin(path, root) ? [{ name: path.subarray(start), reason }] : [],
  );
}
