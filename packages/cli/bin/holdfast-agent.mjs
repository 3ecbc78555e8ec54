#!/usr/bin/env node
// What `holdfast.mjs` says of old versions, and of what it does not keep, holds here.
const LOWEST = [22, 15];

const [major, minor] = process.versions.node.split(".").map(Number);
if (major > LOWEST[0] || (major === LOWEST[0] && minor >= LOWEST[1])) {
  const { main } = await import("../dist/program/agent.js");
  await main();
} else {
  process.stderr.write(
    `holdfast-agent: Node ${LOWEST.join(".")} or newer is needed, this is ${process.version} (${process.execPath}); install a newer one, or put one first in PATH\n`,
  );
  process.exitCode = 1;
}
