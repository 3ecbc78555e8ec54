import { renameExclusive } from "../platform/rename-exclusive.ts";
import type { OsCalls } from "./os-calls.ts";

/**
 * Rename where nothing has the new name: at once where the system can, else a folder over one that was made for it, and anything else by
 * a second name.
 *
 * @param exclusive - For tests: the way of the system.
 * @throws the system's error, `EEXIST` where something has the name.
 */
export async function renameNew(
  calls: OsCalls,
  source: Buffer,
  destination: Buffer,
  exclusive: (source: Buffer, destination: Buffer) => boolean = renameExclusive,
): Promise<void> {
  if (exclusive(source, destination)) return;
  if ((await calls.lstat(source)).isDirectory()) {
    await calls.mkdir(destination);
    try {
      // Takes the place of an empty folder alone: what somebody has put there meanwhile stays.
      await calls.rename(source, destination);
    } catch (thrown) {
      await calls.rmdir(destination).catch(() => {});
      throw thrown;
    }
    return;
  }
  await calls.link(source, destination);
  await calls.unlink(source);
}
