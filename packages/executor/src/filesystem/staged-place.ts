import type { BigIntStats } from "node:fs";
import { invalidInput, withFaults } from "./fault.ts";
import { isDot, isDotDot, joinPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";
import { pinDirectory } from "./pinned-parent.ts";
import { removeTree } from "./remove-tree.ts";

const SLASH = 0x2f;
const PRIVATE_MODE = 0o700;

/** Where a staged folder is, and which one it is. */
export interface StagedPlace {
  /** The folder that it is in, by its path at the time. */
  readonly host: Buffer;
  readonly hostId: string;
  readonly name: Buffer;
  readonly id: string;
}

/** Looks after a staged folder beyond the life of what staged it. Where nothing can be recorded it does nothing. */
export interface StageKeeper {
  /** A folder that was left for this place, which the caller has from now on. */
  find(hostId: string, finalName: Buffer): Promise<StagedPlace | undefined>;
  /** It is there. */
  note(place: StagedPlace, finalName: Buffer): Promise<void>;
  /** It is not there any more. */
  forget(): Promise<void>;
  /** It stays for another. @returns false when it is not to be kept: then it has to be removed. */
  leave(): Promise<boolean>;
}

/** Which file or folder it is, as long as it exists. */
export function fileIdOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/** Remove a staged folder that nobody holds. Something else under its name stays. */
export function removeStaged({ host, hostId, name, id }: StagedPlace, calls: OsCalls = systemCalls): Promise<void> {
  return withFaults(async () => {
    if (name.length === 0 || name.includes(SLASH) || isDot(name) || isDotDot(name))
      throw invalidInput("it has no name");
    const held = await pinDirectory(calls, host, { noFollow: false });
    try {
      if (fileIdOf(await calls.stat(held.path)) !== hostId) throw invalidInput("it is in another folder");
      const path = joinPath(held.path, name);
      const allowed = async (stats: BigIntStats): Promise<void> => {
        if (fileIdOf(stats) !== id) throw invalidInput("it is another folder");
      };
      const own = await pinDirectory(calls, path, { noFollow: true });
      try {
        await allowed(await calls.stat(own.path));
        await calls.chmod(own.path, PRIVATE_MODE);
      } finally {
        await own.close();
      }
      await removeTree(calls, path, { signal: undefined, allowed });
    } finally {
      await held.close();
    }
  });
}
