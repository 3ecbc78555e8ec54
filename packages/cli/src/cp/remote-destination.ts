import { type Executor, isNotFound } from "@holdfast/exec-client";
import { join, type PathUri } from "@holdfast/path-uri";
import { CommandFailure } from "../command-line/failure.ts";
import { remotePath } from "../executor/remote-path.ts";
import { copyFailure, refuseFolder, refuseTarget } from "./copy-failure.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * Settle the name of a file on the executor: into a folder under the source's name. Links are followed by who puts it there.
 *
 * @throws CommandFailure it is a folder.
 */
export async function remoteDestination(executor: Executor, endpoint: Endpoint, sourceName: string): Promise<PathUri> {
  const asked = remotePath(endpoint.path, executor.environment, endpoint.text);
  if ((await kindOf(executor, asked, endpoint)) !== "folder") {
    if (/[\\/]$/.test(endpoint.path)) throw new CommandFailure(`${endpoint.text} is no folder`);
    return asked;
  }
  const named = join(asked, sourceName);
  if ((await kindOf(executor, named, endpoint)) === "folder") throw refuseFolder(`${endpoint.text}/${sourceName}`);
  return named;
}

/** What is at a place on the executor. @throws CommandFailure it is something else, or can not be told. */
export async function kindOf(
  executor: Executor,
  path: PathUri,
  { text }: Endpoint,
  refuse: (text: string) => CommandFailure = refuseTarget,
): Promise<"folder" | "file" | "absent"> {
  try {
    const { isDirectory, isFile } = await executor.fs.metadata(path);
    if (!isDirectory && !isFile) throw refuse(text);
    return isDirectory ? "folder" : "file";
  } catch (error) {
    if (isNotFound(error)) return "absent";
    throw copyFailure(`cannot look at ${text}`, error);
  }
}
