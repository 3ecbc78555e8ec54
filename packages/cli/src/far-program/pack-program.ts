import { readFile, stat } from "node:fs/promises";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { FarPlatform } from "@holdfast/exec-client";
import { ownFolder } from "../own-folder.ts";
import { programFiles } from "./program-files.ts";

/** Written by nobody else; what is a program may be run. */
const OWNER_BITS = 0o700;

/** The program for a machine, packed. @throws Error - It does not run on that kind of machine. */
export async function packProgram(platform: FarPlatform): Promise<Uint8Array> {
  const files = await Promise.all(
    programFiles(ownFolder(), platform).map(async ({ from, to }) => ({
      to,
      mode: (await stat(from)).mode & OWNER_BITS,
      bytes: await readFile(from),
    })),
  );
  const names = files.map(({ to, mode, bytes }) => [to, mode, bytes.length]);
  const whole = Buffer.concat([Buffer.from(`${JSON.stringify(names)}\n`), ...files.map(({ bytes }) => bytes)]);
  return await promisify(gzip)(whole);
}
