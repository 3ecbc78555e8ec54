import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface LikeSshOptions {
  /** All variables that there are on the other side. */
  readonly env: Readonly<Record<string, string>>;
  /** The shell of whoever logs in. Default `/bin/sh`. */
  readonly shell?: string | undefined;
  /** Words of a shell that run before the command, as those of a login do. Default: none. */
  readonly login?: string | undefined;
}

/**
 * Write a program that takes the arguments of `ssh` and runs the command on this machine as sshd runs it: by the shell of the user, in the
 * user's home, with an environment of its own. The host does not count.
 *
 * @param folder - Where its file is to be. @returns the path of the program.
 */
export async function likeSsh(folder: string, { env, shell = "/bin/sh", login }: LikeSshOptions): Promise<string> {
  const path = join(folder, "like-ssh");
  const variables = Object.entries(env).map(([name, value]) => quoted(`${name}=${value}`));
  const lines = [
    "#!/bin/sh",
    "while getopts Te:o:l:p:F: _; do :; done",
    'shift "$OPTIND"',
    `cd ${quoted(env.HOME ?? "/")} || exit 255`,
    ...(login === undefined ? [] : [login]),
    `exec env -i ${variables.join(" ")} ${quoted(shell)} -c "$*"`,
  ];
  await writeFile(path, `${lines.join("\n")}\n`);
  await chmod(path, 0o755);
  return path;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
