import { execFileSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { delimiter } from "node:path";
import type { TempDir } from "@holdfast/testkit";

/**
 * Put the real bubblewrap first in `PATH`, made to leave out what was asked of it: the network is the machine's, no filter is loaded, and
 * the folder can be written.
 *
 * @returns the `PATH`.
 */
export async function withWeakBubblewrap(folder: TempDir): Promise<string> {
  const real = execFileSync("sh", ["-c", "command -v bwrap"], { encoding: "utf8" }).trim();
  await writeFile(folder.join("bwrap"), scriptFor(real, folder.path));
  await chmod(folder.join("bwrap"), 0o755);
  return `${folder.path}${delimiter}${process.env.PATH ?? ""}`;
}

/** The arguments come on descriptor 3, each with a NUL behind it. */
function scriptFor(real: string, folder: string): string {
  return `#!/bin/sh
if [ "$1 $2" = "--args 3" ]; then
  weak=$(mktemp '${folder}/arguments.XXXXXX') || exit
  sed -z -e '/^--unshare-net$/d' -e '/^--seccomp$/{N;d}' <&3 >"$weak"
  printf '%s\\0' --bind '${folder}' '${folder}' >>"$weak"
  exec 3<"$weak"
  rm "$weak"
fi
exec '${real}' "$@"
`;
}
