import { errnoOf, osFault, withFaults } from "./fault.ts";
import { checkedPath, pathNames, splitPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";
import { descendWithoutLinks, pinParentWithoutLinks } from "./pinned-parent.ts";

/** How to create a directory. */
export interface CreateDirectoryOptions {
  /** Default true: missing parents are created too, and an existing directory is fine. */
  readonly recursive?: boolean;
  /** Default true. False refuses a link anywhere in the path. */
  readonly followSymlinks?: boolean;
}

/**
 * Create a directory with mode 0777 less the umask.
 *
 * @throws FileSystemFault `not-found` - the parent is missing and `recursive` is false.
 * @throws FileSystemFault `other` - `File exists`: a file or a dangling link is there, or, without `recursive`, anything.
 * `Not a directory`: something above is no directory, or, without `followSymlinks`, anything on the way is a link.
 */
export function createDirectory(
  path: Buffer,
  options: CreateDirectoryOptions = {},
  calls: OsCalls = systemCalls,
): Promise<void> {
  const { recursive = true, followSymlinks = true } = options;
  return withFaults(async () => {
    const checked = checkedPath(path);
    if (!followSymlinks) return recursive ? createHeldChain(calls, checked) : createHeld(calls, checked);
    return recursive ? createChain(calls, checked) : calls.mkdir(checked);
  });
}

async function createChain(calls: OsCalls, path: Buffer): Promise<void> {
  const missing: Buffer[] = [];
  for (let next = path; !(await createOne(calls, next)); next = splitPath(next).parent) {
    missing.unshift(next);
    if (next.length === 1) throw osFault("ENOENT");
  }
  for (const directory of missing) await createOne(calls, directory);
}

/** False when the parent is missing. */
async function createOne(calls: OsCalls, path: Buffer): Promise<boolean> {
  try {
    await calls.mkdir(path);
    return true;
  } catch (thrown) {
    const code = errnoOf(thrown);
    if (code === "ENOENT") return false;
    // A read-only or closed parent may be reported although the directory is there.
    const isThere = await calls.stat(path).then(
      (stats) => stats.isDirectory(),
      () => false,
    );
    if (isThere) return true;
    throw thrown;
  }
}

async function createHeld(calls: OsCalls, path: Buffer): Promise<void> {
  const entry = await pinParentWithoutLinks(calls, path);
  try {
    await calls.mkdir(entry.path);
  } finally {
    await entry.close();
  }
}

async function createHeldChain(calls: OsCalls, path: Buffer): Promise<void> {
  const held = await descendWithoutLinks(calls, pathNames(path), (entry) => createUnlessThere(calls, entry));
  await held.close();
}

async function createUnlessThere(calls: OsCalls, path: Buffer): Promise<void> {
  try {
    await calls.lstat(path);
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
    await calls.mkdir(path).catch((refusal: unknown) => {
      // It was made meanwhile.
      if (errnoOf(refusal) !== "EEXIST") throw refusal;
    });
  }
}
