import { invalidInput, withFaults } from "./fault.ts";
import { checkedPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";

/** What a link says. @throws FileSystemFault `invalid-input` `Invalid argument` - it is no link. */
export function readLink(path: Buffer, calls: OsCalls = systemCalls): Promise<Buffer> {
  return withFaults(() => calls.readlink(checkedPath(path)));
}

/**
 * Make a symbolic link, where nothing may be. Its target is not looked at.
 *
 * @throws FileSystemFault `other` `File exists` - something is there.
 */
export function makeSymbolicLink(path: Buffer, target: Buffer, calls: OsCalls = systemCalls): Promise<void> {
  return withFaults(async () => {
    if (target.includes(0)) throw invalidInput("what a link says has no NUL byte");
    await calls.symlink(target, checkedPath(path));
  });
}

/**
 * Give a file one more name, where nothing may be; a link gets one itself.
 *
 * @throws FileSystemFault `other` `File exists`, `Cross-device link` - something is there, or it is another file system.
 */
export function makeHardLink(path: Buffer, existing: Buffer, calls: OsCalls = systemCalls): Promise<void> {
  return withFaults(() => calls.link(checkedPath(existing), checkedPath(path)));
}
