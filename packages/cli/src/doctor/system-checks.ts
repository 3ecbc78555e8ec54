import { randomUUID } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reasonOf } from "../command-line/failure.ts";
import { type Check, missing, ok } from "./check.ts";
import { probeProgram } from "./probe-program.ts";

const OLDEST_NODE = [22, 12] as const;
const PLATFORMS: readonly NodeJS.Platform[] = ["linux", "darwin"];

/** Three per running command, and some for files and connections. */
const OPEN_FILES_WANTED = 1_024;

const node: Check = {
  name: "node",
  isNeeded: true,
  why: "runs this program",
  async look() {
    const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
    const isRecent = major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]);
    if (isRecent) return ok(process.version);
    return missing(
      `${process.version}; ${OLDEST_NODE.join(".")} or newer is needed`,
      "npm install --global n && n lts",
    );
  },
};

const platform: Check = {
  name: "platform",
  isNeeded: true,
  why: "the executor knows Linux and macOS; the other commands work everywhere against a remote one",
  async look() {
    const name = `${process.platform} ${process.arch}`;
    if (PLATFORMS.includes(process.platform)) return ok(name);
    return missing(name, "wsl --install  # then use it in there");
  },
};

const temporaryFolder: Check = {
  name: "temporary folder",
  isNeeded: true,
  why: "holds the named pipes that carry stdin to commands",
  async look() {
    const folder = tmpdir();
    const path = join(folder, `holdfast-doctor-${randomUUID()}`);
    try {
      await writeFile(path, "", { flag: "wx" });
      await rm(path);
      return ok(folder);
    } catch (error) {
      return missing(reasonOf(error), "export TMPDIR=$HOME  # or another folder that you may write to");
    }
  },
};

const openFiles: Check = {
  name: "open files",
  isNeeded: false,
  why: "each running command takes up to three",
  async look() {
    const limit = await openFileLimit();
    if (limit === undefined) return ok("no limit told");
    if (limit >= OPEN_FILES_WANTED) return ok(String(limit));
    return missing(`only ${limit}; ${OPEN_FILES_WANTED} are wanted`, `ulimit -n ${OPEN_FILES_WANTED}`);
  },
};

async function openFileLimit(): Promise<number | undefined> {
  const limits = await readFile("/proc/self/limits", "utf8").catch(() => "");
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? undefined : Number(soft);
}

const bubblewrap: Check = {
  name: "bubblewrap",
  isNeeded: false,
  why: "confines sandboxed commands on Linux; without it they are refused",
  async look() {
    const found = await probeProgram("bwrap", ["--version"]);
    return found.isDone ? ok(found.text) : missing("bwrap is not in PATH", "sudo apt-get install -y bubblewrap");
  },
};

const userNamespaces: Check = {
  name: "user namespaces",
  isNeeded: false,
  why: "let bubblewrap confine commands without privileges",
  async look() {
    const tried = await probeProgram("bwrap", ["--unshare-user", "--ro-bind", "/", "/", "/bin/sh", "-c", "exit 0"]);
    if (tried.isDone) return ok("bubblewrap made one");
    return missing(tried.text, await userNamespaceMend());
  },
};

async function userNamespaceMend(): Promise<string> {
  if (!(await probeProgram("bwrap", ["--version"])).isDone) return "sudo apt-get install -y bubblewrap";
  const switches = ["kernel.apparmor_restrict_unprivileged_userns=0", "kernel.unprivileged_userns_clone=1"];
  for (const setting of switches) {
    const [name = "", wanted = ""] = setting.split("=");
    const now = await readFile(`/proc/sys/${name.replaceAll(".", "/")}`, "utf8").catch(() => wanted);
    if (now.trim() !== wanted) return `sudo sysctl -w ${setting}`;
  }
  return "sudo sysctl -w user.max_user_namespaces=15000";
}

/** What can be told without an executor. */
export const SYSTEM_CHECKS: readonly Check[] = [
  node,
  platform,
  temporaryFolder,
  openFiles,
  ...(process.platform === "linux" ? [bubblewrap, userNamespaces] : []),
];
