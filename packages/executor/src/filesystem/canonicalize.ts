import { withFaults } from "./fault.ts";
import { checkedPath } from "./native-path.ts";
import { systemCalls } from "./os-calls.ts";

/**
 * The path with every link and dot segment resolved.
 *
 * @throws FileSystemFault `not-found` - the path, or the target of a link, does not exist.
 */
export function canonicalize(path: Buffer): Promise<Buffer> {
  return withFaults(() => systemCalls.realpath(checkedPath(path)));
}
