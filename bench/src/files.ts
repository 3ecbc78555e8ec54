import { open } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { MIB } from "./units.ts";

/** A file of `size` bytes in `folder`, made once per run. @returns its path. */
export async function fileOf(folder: string, size: number): Promise<string> {
  const path = join(folder, `${size}.bin`);
  const file = await open(path, "a");
  try {
    const block = Buffer.alloc(Math.min(size, MIB), "holdfast");
    for (let at = (await file.stat()).size; at < size; at += block.length) {
      await file.write(block.subarray(0, Math.min(block.length, size - at)));
    }
  } finally {
    await file.close();
  }
  return path;
}

export function uriOf(path: string): string {
  return pathToFileURL(path).href;
}
