import type { Executor, Sandbox } from "@holdfast/exec-client";
import type { PathUri } from "@holdfast/path-uri";
import { imageType } from "../../tools/files/image-type.ts";
import { IMAGE_MAX_BYTES } from "../../tools/files/limits.ts";
import { READ_MAX_MS } from "./limits.ts";

/** An image of an executor as a `data:` URL. @throws Error - It is none, is too large, or can not be read. */
export async function readImage(
  { fs }: Pick<Executor, "fs">,
  path: PathUri | string,
  { sandbox, signal }: { readonly sandbox?: Sandbox | undefined; readonly signal: AbortSignal },
): Promise<string> {
  const options = { timeoutMs: READ_MAX_MS, signal, sandbox };
  const { size, isDirectory } = await fs.metadata(path, options);
  if (isDirectory) throw new Error("it is a folder");
  if (size > IMAGE_MAX_BYTES) throw new Error(`it has ${size} bytes; at most ${IMAGE_MAX_BYTES} are shown`);
  const bytes = await fs.readFile(path, options);
  const type = imageType(bytes);
  if (type === undefined) throw new Error("it is no image: neither PNG, JPEG, GIF nor WebP");
  return `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
}
