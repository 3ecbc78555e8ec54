import { errnoOf, osFault } from "./fault.ts";
import { checkedPath, isDot, isDotDot, joinPath, splitPath } from "./native-path.ts";
import type { OsCalls } from "./os-calls.ts";
import { type PinnedDirectory, pinParentWithoutLinks } from "./pinned-parent.ts";

/** Where something will be: a name in a held folder. Whatever links are made meanwhile, it stays this place. */
export interface HeldPlace {
  readonly folder: PinnedDirectory;
  readonly name: Buffer;
}

/**
 * Hold the place that a path leads to. Its links are followed here, once; what leads to nothing is a name of its own.
 *
 * @throws the system's error: nothing can be at such a path.
 */
export async function holdPlace(calls: OsCalls, path: Buffer): Promise<HeldPlace> {
  const final = await finalPath(calls, checkedPath(path));
  const { name } = splitPath(final);
  if (isDot(name) || isDotDot(name)) throw osFault("EISDIR");
  const { parent, close } = await pinParentWithoutLinks(calls, final);
  return { folder: { path: parent, close }, name };
}

async function finalPath(calls: OsCalls, path: Buffer): Promise<Buffer> {
  try {
    return await calls.realpath(path);
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
    const { parent, name } = splitPath(path);
    return joinPath(await calls.realpath(parent), name);
  }
}
