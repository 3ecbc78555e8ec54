import { chmod, writeFile } from "node:fs/promises";
import { delimiter } from "node:path";
import type { TempDir } from "@holdfast/testkit";

/** Answers like bubblewrap, and runs the command as if there were nothing to confine. */
const CONFINES_NOTHING = `#!/bin/sh
case $1 in
--help) echo '--perms --argv0'; exit ;;
--version) exit ;;
esac
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
`;

/** Put a bubblewrap that confines nothing first in `PATH`. @returns the `PATH`. */
export async function withFakeBubblewrap(folder: TempDir): Promise<string> {
  await writeFile(folder.join("bwrap"), CONFINES_NOTHING);
  await chmod(folder.join("bwrap"), 0o755);
  return `${folder.path}${delimiter}${process.env.PATH ?? ""}`;
}
