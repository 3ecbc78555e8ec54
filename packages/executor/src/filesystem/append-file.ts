import { errnoOf, FileSystemFault, osFault, withFaults } from "./fault.ts";
import { checkedPath } from "./native-path.ts";
import { type OsCalls, systemCalls } from "./os-calls.ts";
import { openRegularFileForWriting } from "./regular-file.ts";

/**
 * Add to the end of a regular file, made when it is missing; links are followed. One write of the system, which finds the end
 * itself, unless the disk takes less.
 *
 * @throws FileSystemFault of the system's kind; when a part was added before, the message says how much.
 */
export function appendFile(path: Buffer, data: Buffer, calls: OsCalls = systemCalls): Promise<void> {
  return withFaults(async () => {
    const { fd } = await openRegularFileForWriting(calls, checkedPath(path), "append");
    try {
      await writeAtEnd(calls, fd, data);
    } finally {
      await calls.close(fd);
    }
  });
}

async function writeAtEnd(calls: OsCalls, fd: number, data: Buffer): Promise<void> {
  let done = 0;
  try {
    while (done < data.length) done += await calls.write(fd, data, done, data.length - done, null);
  } catch (thrown) {
    const code = errnoOf(thrown);
    if (done === 0 || code === undefined) throw thrown;
    const { kind, message } = osFault(code);
    // Others may have added behind it: taking it back could take theirs.
    throw new FileSystemFault(kind, `${message}; ${done} of ${data.length} bytes were added`, { code, cause: thrown });
  }
}
