import { FILE_RIGHTS } from "../linux/wrapper.ts";
import type { Bubblewrap } from "../machine.ts";
import type { ProbeHost, TrialRun } from "./probe-host.ts";
import { installCommand, namespaceRemedy } from "./remedies.ts";

/** Where to look for bubblewrap. */
export interface BubblewrapSearch {
  /** Folders as in `PATH`; those that are not absolute are passed over. */
  readonly path: string;
  /** What commands may write to: a bubblewrap in there is not trusted. `/` excludes nothing. */
  readonly untrustedFolders: readonly string[];
}

/** A bubblewrap that works here, or one line that says why there is none and what mends it. */
export type BubblewrapFinding = { readonly bubblewrap: Bubblewrap } | { readonly reason: string };

const NAMESPACES = ["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-net"];
const VIEW = ["--ro-bind", "/", "/", "--dev", "/dev"];
const MOUNT_PROC = ["--proc", "/proc"];
/** Capabilities as bits: DAC_OVERRIDE, FOWNER, SYS_ADMIN. */
const NEEDED_RIGHTS = (1n << 1n) | (1n << 3n) | (1n << 21n);

/** Look for bubblewrap and try it out. */
export async function probeBubblewrap(search: BubblewrapSearch, host: ProbeHost): Promise<BubblewrapFinding> {
  const path = await findBubblewrap(search, host);
  if (path === undefined) return { reason: `bubblewrap (bwrap) is not on PATH: ${await installCommand(host)}` };
  const { output: help } = await host.run(path, ["--help"]);
  if (!/--perms\b/.test(help)) {
    return { reason: `${path} is older than bubblewrap 0.5: ${await installCommand(host)}` };
  }
  const supportsArgv0 = /--argv0\b/.test(help);
  // It writes to /proc/sys, which containers like to make read-only: what its help says is not enough.
  const strong = /--disable-userns\b/.test(help) ? await tryOut(path, ["--disable-userns"], host) : undefined;
  const isStrong = strong !== undefined && "canMountProc" in strong;
  const found = isStrong ? strong : await tryOut(path, [], host);
  if ("reason" in found) return found;
  const canKeepFileRights = await tryFileRights(path, found.canMountProc, host);
  return {
    bubblewrap: {
      path,
      supportsArgv0,
      ...found,
      canDisableUserNamespaces: isStrong,
      canLimitMemoryFiles: /--size\b/.test(help),
      canKeepFileRights,
    },
  };
}

/** @param words - What is wanted of it beside what is always wanted. */
async function tryOut(
  path: string,
  words: readonly string[],
  host: ProbeHost,
): Promise<{ readonly canMountProc: boolean } | { readonly reason: string }> {
  const full = await trial(path, [...words, ...MOUNT_PROC], host);
  if (full.exitCode === 0) return { canMountProc: true };
  if (!isProcRefusal(full.output)) return { reason: await reasonOf(path, full, host) };
  const partial = await trial(path, words, host);
  return partial.exitCode === 0 ? { canMountProc: false } : { reason: await reasonOf(path, partial, host) };
}

/** Can a superuser keep its rights to files? Asked only by one that has them, and may make namespaces without one for users. */
async function tryFileRights(path: string, canMountProc: boolean, host: ProbeHost): Promise<boolean> {
  const [, rights] = /^CapEff:\s*([0-9a-f]+)$/m.exec((await host.readText("/proc/self/status")) ?? "") ?? [];
  if (rights === undefined || (BigInt(`0x${rights}`) & NEEDED_RIGHTS) !== NEEDED_RIGHTS) return false;
  const view = [...NAMESPACES.slice(1), ...VIEW, ...(canMountProc ? MOUNT_PROC : [])];
  const kept = ["--cap-drop", "ALL", ...FILE_RIGHTS.flatMap((capability) => ["--cap-add", capability])];
  return (await host.run(path, [...view, ...kept, "--", path, "--version"])).exitCode === 0;
}

async function findBubblewrap(search: BubblewrapSearch, host: ProbeHost): Promise<string | undefined> {
  const untrusted = search.untrustedFolders.filter((folder) => folder !== "/");
  for (const folder of search.path.split(":")) {
    if (!folder.startsWith("/")) continue;
    const found = await host.executable(`${folder.replace(/\/+$/, "")}/bwrap`);
    if (found === undefined) continue;
    if (!untrusted.some((each) => found.path.startsWith(`${each.replace(/\/+$/, "")}/`))) return found.path;
  }
  return undefined;
}

/** What runs inside is bubblewrap once more: it is the one program that is sure to be there. */
function trial(path: string, words: readonly string[], host: ProbeHost): Promise<TrialRun> {
  return host.run(path, [...NAMESPACES, ...VIEW, ...words, "--cap-drop", "ALL", "--", path, "--version"]);
}

function isProcRefusal(output: string): boolean {
  const isMount = output.includes("Can't mount proc") && output.includes("/newroot/proc");
  return isMount && /Invalid argument|Operation not permitted|Permission denied/.test(output);
}

async function reasonOf(path: string, { exitCode, output }: TrialRun, host: ProbeHost): Promise<string> {
  const said = output.trim().split("\n").at(-1) ?? "";
  const isNamespaces =
    /Failed RTM_NEW(?:ADDR|LINK)|setting up uid map|No permissions to create|Creating new namespace failed/.test(said);
  if (isNamespaces) return `user namespaces are blocked here (${said}): ${await namespaceRemedy(host)}`;
  const ending = exitCode === undefined ? "did not end in time" : `exited with ${exitCode}`;
  return `a trial run of ${path} ${ending}${said === "" ? "" : ` (${said})`}: ${path} --ro-bind / / true`;
}
