import { realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What every kernel reads of a script's first line. */
const FIRST_LINE_MAX = 127;
const PROGRAM = "../../packages/cli/bin/holdfast.mjs";
const FLAGS = "--disable-sigusr1";

/**
 * Make `node_modules/.bin/holdfast`, which starts the program with the pinned Node, and `node_modules/.bin/node`.
 *
 * The package manager would put shell scripts there. Those stay in between: a signal ends the script and orphans the program, and
 * a NODE_PATH of theirs reaches every command. Here the kernel itself starts Node, under the process id that the caller has.
 *
 * @param {string} root - Absolute path of the checkout, dependencies installed.
 */
export function makeFrontDoor(root) {
  if (process.platform === "win32") return;
  const bin = join(root, "node_modules", ".bin");
  // Without the links on the way: the sandbox protects the file that runs, and can not protect a link to it.
  const node = realpathSync(join(root, "node_modules", "node", "bin", "node"));
  replace(join(bin, "holdfast"), (path) =>
    writeFileSync(path, `${firstLines(node)}\nimport("${PROGRAM}");\n`, { mode: 0o755 }),
  );
  replace(join(bin, "node"), (path) => symlinkSync("../node/bin/node", path));
}

/**
 * Whoever starts it at this moment finds the old one or the new one.
 *
 * @param {string} path
 * @param {(path: string) => void} make
 */
function replace(path, make) {
  const made = `${path}.${process.pid}`;
  rmSync(made, { force: true });
  make(made);
  renameSync(made, path);
}

/**
 * What makes the file run by this Node. A path that a first line can not hold takes a shell that becomes Node: the second line
 * is an idle expression and a comment to JavaScript.
 *
 * @param {string} node - Absolute path of the Node that runs the file.
 */
export function firstLines(node) {
  const line = `#!${node} ${FLAGS}`;
  if (Buffer.byteLength(line) <= FIRST_LINE_MAX && !/\s/.test(node)) return line;
  const quoted = `'${node.replaceAll("'", "'\\''")}'`;
  return `#!/bin/sh\n":" //; exec ${quoted} ${FLAGS} "$0" "$@"`;
}
