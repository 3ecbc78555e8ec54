import type * as PathUriModule from "@holdfast/path-uri";
import { toFault } from "../filesystem/fault.ts";
import { searchLinesHere } from "../search/pattern-here.ts";
import { directOperations } from "./file-operations.ts";
import { encodeFrame, FrameDecoder } from "./frames.ts";
import { HelperServer } from "./helper-server.ts";

/**
 * Do file operations inside a sandbox: requests come on standard input and answers go to standard output, until the input
 * ends. What this program becomes; it loads as little as it can, because every request of a new sandbox waits for its start.
 *
 * @param loadPathUri - Only a walk and a search need it. Names of packages may lead nowhere in here.
 */
export function serveFilesAsProgram(loadPathUri: () => Promise<typeof PathUriModule>): void {
  const server = new HelperServer(
    directOperations(() => paths(loadPathUri), searchLinesHere),
    toFault,
  );
  // The executor asks for nothing larger than it holds itself.
  const decoder = new FrameDecoder(() => Number.MAX_SAFE_INTEGER);
  process.stdin.on("data", (chunk: Buffer) => {
    for (const frame of decoder.push(chunk)) {
      void server.serve(frame).then((answer) => {
        for (const part of encodeFrame(answer)) process.stdout.write(part);
      });
    }
  });
}

async function paths(load: () => Promise<typeof PathUriModule>) {
  const { childOfPosixDirectory, compilePathGlobs, pathUriFromNativeBytes } = await load();
  return { uriOf: pathUriFromNativeBytes, childOf: childOfPosixDirectory, compilePathGlobs };
}
