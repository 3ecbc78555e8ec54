#!/usr/bin/env node
// Nothing is imported before the version is known: what an old Node lacks would end in a stack trace of its loader.
//
// There is no compile cache on purpose. Node keeps one in the temporary folder, where confined commands and other users can
// write, and runs the bytecode that it finds there without a look at where it came from. It spares no time here either.
const LOWEST = [22, 15];

const [major, minor] = process.versions.node.split(".").map(Number);
if (major > LOWEST[0] || (major === LOWEST[0] && minor >= LOWEST[1])) {
  // The same program: whole, and in files of their own the command that is started all the time, in which no name is readable, and the one
  // that stays.
  const [, , command] = process.argv;
  const isShort = command === "exec" && !process.argv.includes("--debug");
  const { main } = await import(`../dist/program/${isShort ? "exec" : command === "serve" ? "serve" : "main"}.js`);
  await main();
} else {
  process.stderr.write(
    `holdfast: Node ${LOWEST.join(".")} or newer is needed, this is ${process.version} (${process.execPath}); install a newer one, or put one first in PATH\n`,
  );
  // Below 126 it could be taken for the code of the command.
  process.exitCode = ["exec", "shell", "attach", "sandbox"].includes(process.argv[2]) ? 255 : 1;
}
