import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const INSTALL = "apt-get install -y bubblewrap";

/** @param {string} program */
function isOnPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => folder !== "" && existsSync(join(folder, program)));
}

/** @param {string[]} args */
function apt(...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return spawnSync("apt-get", args, { env, stdio: ["ignore", "ignore", 2] }).status === 0;
}

/** Sandboxed commands need bubblewrap on Linux: install it where that is ours to do, else say how. */
export function ensureBubblewrap() {
  if (process.platform !== "linux" || isOnPath("bwrap")) return;
  if (process.getuid?.() === 0 && isOnPath("apt-get")) {
    console.error("installing bubblewrap");
    if (apt("update", "-qq") && apt("install", "-y", "-qq", "bubblewrap")) return;
  }
  console.error(`bubblewrap is missing: sandboxed commands will be refused. To mend it: sudo ${INSTALL}`);
}
