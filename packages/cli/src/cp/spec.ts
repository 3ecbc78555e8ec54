import type { CommandSpec } from "../command-line/command-spec.ts";
import { EXECUTOR_OPTIONS } from "../executor/executor-options.ts";
import { RECOVER_OPTION } from "../executor/recovery-time.ts";
import { FOLDER_OPTIONS } from "./folder-options.ts";

/** `holdfast cp` */
export const CP_COMMAND: CommandSpec = {
  summary: "copy a file or folder to, from or within an executor",
  synopsis: "[--url URL] [-r] [OPTIONS] SOURCE DESTINATION",
  options: {
    ...EXECUTOR_OPTIONS,
    "recover-for": RECOVER_OPTION,
    recursive: { kind: "switch", short: "r", about: "copy a folder with everything in it" },
    ...FOLDER_OPTIONS,
  },
  positionals: ["SOURCE", "DESTINATION"],
  details: `
remote:PATH is a file on the executor; a relative one starts at the executor's working folder. ./remote:x is a local file.
A folder as destination takes what is copied under its own name.

The file appears under its final name whole or not at all, with the permission bits of the source. Only one that may be
written but not replaced, as a mount point or one of your own in another user's folder, is written in place: it keeps its
owner and bits, and is not whole meanwhile. On Windows a file is put in place by a copy on the executor, and permissions are
left alone. - stands for stdin and stdout.

What an executor says is not trusted: names that it tells stay in DESTINATION, and a copy ends when more comes than the size that was told, as much again, and 64 MiB.
A link as DESTINATION, or under the source's name in it, is refused, as another user may have put it there: name what it leads to, or end a folder's name with a slash.

With -r a folder is copied whole in the same way; where one of its name exists, it is merged into that, file by file, and
through none of the links in it.
What is there already is not sent again: files of the same size, time and permission bits. --checksum compares contents, --whole sends everything.
Links stay links, and permission bits and times are kept. Sockets, pipes and devices are left out, with a line about each and exit 1.
After a lost connection it goes on where it was; after a lost client the next copy does, where both are given --resume.`,
  load: () => import("./command.ts"),
};
