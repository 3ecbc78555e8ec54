import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { PATCH_MAX_BYTES } from "@holdfast/orchestrator";
import type { Context } from "../command-line/context.ts";
import { CommandFailure, reasonOf, UsageError } from "../command-line/failure.ts";

/**
 * The text of a patch.
 *
 * @param file - Undefined, or `-`: stdin.
 * @throws UsageError - stdin is a terminal. @throws CommandFailure - It can not be read, is no UTF-8, or too long.
 */
export async function readPatch(context: Pick<Context, "stdin" | "cwd">, file: string | undefined): Promise<string> {
  const isStdin = file === undefined || file === "-";
  if (isStdin && context.stdin.isTTY === true) throw new UsageError("there is no patch: name a FILE, or pipe it in");
  const name = isStdin ? "stdin" : file;
  const bytes = await (isStdin ? upTo(context.stdin, PATCH_MAX_BYTES) : fileUpTo(resolve(context.cwd, file))).catch(
    (error: unknown) => {
      throw new CommandFailure(`the patch can not be read: ${reasonOf(error)}`, { cause: error });
    },
  );
  if (bytes === undefined) {
    throw new CommandFailure(`${name} has more than ${PATCH_MAX_BYTES} bytes, which no patch may have; split it`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CommandFailure(`${name} is not UTF-8 text, as a patch has to be`, { cause });
  }
}

async function fileUpTo(path: string): Promise<Uint8Array | undefined> {
  await using handle = await open(path, "r");
  return await upTo(handle.createReadStream({ autoClose: false }), PATCH_MAX_BYTES);
}

/** Undefined when there is more. */
async function upTo(source: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length > maxBytes) return undefined;
  }
  return Buffer.concat(chunks);
}
