import { errnoOf, type FileSystemFault, invalidInput, osFault } from "./fault.ts";
import { checkedPath, displayPath, isDot, isDotDot, joinPath, splitPath } from "./native-path.ts";
import type { OsCalls } from "./os-calls.ts";
import { type PinnedDirectory, pinParentWithoutLinks } from "./pinned-parent.ts";

/** Where something will be: a name in a held folder. Links that are made meanwhile do not change it. */
export interface HeldPlace {
  readonly folder: PinnedDirectory;
  readonly name: Buffer;
  /** A link that has the name is refused, at the start and at the end. */
  readonly isLinkRefused: boolean;
}

/** Which links of a path may lead to the place. */
export interface LinkOptions {
  /** Names at its end that may be no links. 0: all are followed. With 1 or more the last is the caller's to look at. */
  readonly noFollowNames: number;
}

/**
 * Hold the place that a path leads to. Its links are followed here, once; what leads to nothing is a name of its own.
 *
 * @throws the system's error: nothing can be at such a path, or a link is where none may be.
 */
export async function holdPlace(calls: OsCalls, path: Buffer, { noFollowNames }: LinkOptions): Promise<HeldPlace> {
  const checked = checkedPath(path);
  const final = noFollowNames === 0 ? await endOf(calls, checked) : await withPlainEnd(calls, checked, noFollowNames);
  const { name } = splitPath(final);
  if (isDot(name) || isDotDot(name)) throw osFault("EISDIR");
  const { parent, close } = await pinParentWithoutLinks(calls, final);
  return { folder: { path: parent, close }, name, isLinkRefused: noFollowNames > 0 };
}

/** The refusal of a link that has the name. It says what the link says, and what to do. */
export async function linkInPlace(calls: OsCalls, path: Buffer): Promise<FileSystemFault> {
  const target = await calls.readlink(path).then(displayPath, () => "somewhere");
  return invalidInput(`it is a link to ${target}, and none is followed here; name what it leads to`);
}

async function endOf(calls: OsCalls, path: Buffer): Promise<Buffer> {
  try {
    return await calls.realpath(path);
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
    const { parent, name } = splitPath(path);
    return joinPath(await calls.realpath(parent), name);
  }
}

/** Only what is above the last names is resolved. What they are is seen when they are stepped into. */
async function withPlainEnd(calls: OsCalls, path: Buffer, names: number): Promise<Buffer> {
  let above = path;
  let left = names;
  for (; left > 0 && above.length > 1; left -= 1) above = splitPath(above).parent;
  const end = path.subarray(above.length === 1 ? 1 : above.length + 1);
  return joinPath(await calls.realpath(above), end);
}
