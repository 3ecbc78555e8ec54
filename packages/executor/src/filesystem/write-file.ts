import { bufferContent } from "./content.ts";
import { withFaults } from "./fault.ts";
import { checkedPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";
import { pinParentWithoutLinks } from "./pinned-parent.ts";
import { replaceContent } from "./replace-content.ts";

/** How to write a whole file. */
export interface WriteFileOptions {
  /** Default true: the target of a link is written, a dangling link's target created. False refuses links. */
  readonly followSymlinks?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Make `data` the content of a file. The parent must exist. A full disk loses nothing: on any error of the disk the
 * file has its old content, and a file that did not exist still does not.
 *
 * - New file: written aside in the same folder, then renamed; mode 0666 less the umask.
 * - Regular file with one link: written aside with the same owner, mode and extended attributes, then renamed over the
 *   file that the path leads to. Readers see the old or the new content, never a mixture; the inode changes.
 * - File with several hard links, in a folder that takes no new file, or whose owner or attributes (access control
 *   lists among them) can not be carried over: overwritten in place, so that all its names show the new content; put
 *   back when the disk fails.
 * - A file that may not be written is refused, although a rename over it would work.
 * - Device, terminal or FIFO: written to without blocking. A FIFO without a reader fails with `ENXIO`.
 *
 * No temporary file remains, except after a crash. Data is handed to the system, not flushed to the disk.
 *
 * @throws FileSystemFault `not-found` - the parent is missing.
 * @throws FileSystemFault `permission-denied` - the file, or for a new one the folder, may not be written.
 * @throws FileSystemFault `other` - a directory, a full disk, a link where none may be.
 */
export function writeFile(
  path: Buffer,
  data: Buffer,
  options: WriteFileOptions = {},
  calls: OsCalls = systemCalls,
): Promise<void> {
  const { followSymlinks = true, signal } = options;
  return withFaults(async () => {
    const checked = checkedPath(path);
    const content = bufferContent(data);
    if (followSymlinks) return replaceContent(calls, checked, content, { followSymlinks, signal });
    const entry = await pinParentWithoutLinks(calls, checked);
    try {
      await replaceContent(calls, entry.path, content, { followSymlinks, signal });
    } finally {
      await entry.close();
    }
  }, signal);
}
