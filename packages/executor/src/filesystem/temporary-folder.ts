import { invalidInput, withFaults } from "./fault.ts";
import { checkedPath, joinPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";

/**
 * Make a folder for its user alone, under a new name.
 *
 * @param prefix - Begins the name; six characters follow.
 * @throws FileSystemFault `invalid-input` - the prefix has a slash or a NUL.
 */
export function makeTemporaryFolder(folder: Buffer, prefix: string, calls: OsCalls = systemCalls): Promise<Buffer> {
  return withFaults(async () => {
    if (/[/\0]/.test(prefix)) throw invalidInput("the prefix of a name has no slash and no NUL byte");
    return calls.mkdtemp(joinPath(checkedPath(folder), Buffer.from(prefix)));
  });
}
