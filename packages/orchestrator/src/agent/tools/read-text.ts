import type { Executor } from "@holdfast/exec-client";
import type { PathUri } from "@holdfast/path-uri";
import { READ_MAX_MS, TEXT_FILE_MAX_BYTES } from "./limits.ts";

/** A text of an executor. @throws Error - It is too large, or can not be read. */
export async function readText(
  { fs }: Pick<Executor, "fs">,
  path: PathUri | string,
  { signal }: { readonly signal: AbortSignal },
): Promise<string> {
  const options = { timeoutMs: READ_MAX_MS, signal };
  const { size } = await fs.metadata(path, options);
  if (size > TEXT_FILE_MAX_BYTES) throw new Error(`it has ${size} bytes; at most ${TEXT_FILE_MAX_BYTES} are read`);
  return new TextDecoder().decode(await fs.readFile(path, options));
}
