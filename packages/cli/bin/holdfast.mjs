#!/usr/bin/env node
// Nothing is imported before the version is known: what an old Node lacks would end in a stack trace of its loader.
//
// There is no compile cache on purpose. Node keeps one in the temporary folder, where confined commands and other users can
// write, and runs the bytecode that it finds there without a look at where it came from. It spares no time here either.
const LOWEST = [22, 15];

const [major, minor] = process.versions.node.split(".").map(Number);
if (major > LOWEST[0] || (major === LOWEST[0] && minor >= LOWEST[1])) {
  // The same program, with the one command that is started all the time in a file of its own, in which no name is readable.
  const isShort = process.argv[2] === "exec" && !process.argv.includes("--debug");
  const { main } = await import(isShort ? "../dist/program/exec.js" : "../dist/program/main.js");
  await main();
} else {
  process.stderr.write(
    `holdfast: Node ${LOWEST.join(".")} or newer is needed, this is ${process.version} (${process.execPath}); install a newer one, or put one first in PATH\n`,
  );
  process.exitCode = 1;
}
