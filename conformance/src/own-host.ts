import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Release } from "@holdfast/reference-peer";

const PROGRAM = fileURLToPath(new URL("../../node_modules/.bin/holdfast", import.meta.url));

/** Our own program, as if it were a release: its `app-server` takes what theirs takes. */
export async function ownHost(): Promise<Release> {
  const { stdout } = await promisify(execFile)(PROGRAM, ["--version"]);
  return { version: stdout.trim().split(" ").at(-1) ?? "", program: PROGRAM };
}
