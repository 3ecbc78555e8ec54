import { totalmem } from "node:os";
import type { Machine, SandboxUnavailable } from "../machine.ts";
import { type BubblewrapFinding, probeBubblewrap } from "./probe-bubblewrap.ts";
import { type ProbeHost, realHost } from "./probe-host.ts";
import { realFiles } from "./real-files.ts";

/** What a probe has to know about the calling program. */
export interface ProbeOptions {
  /** The environment of the program itself, never that of a command. */
  readonly env: {
    readonly PATH?: string | undefined;
    readonly HOME?: string | undefined;
    readonly TMPDIR?: string | undefined;
  };
  /** Working folder of the program. A bubblewrap in it is not trusted. */
  readonly cwd: string;
  /** More folders in which no bubblewrap is trusted because commands may write there. Default none. */
  readonly writableFolders?: readonly string[] | undefined;
  /** Files and folders of the program itself that no command may change, absolute. Default none. */
  readonly ownPlaces?: readonly string[] | undefined;
  /** Ends the trials: nobody waits for them any more, and the answer is that nothing works. */
  readonly signal?: AbortSignal | undefined;
}

/** The first one that says of a path that a mount begins there. */
const OLDEST_KERNEL = [5, 8] as const;

const WSL1_REASON =
  "bubblewrap is not supported on WSL1 because WSL1 cannot create the required user namespaces: wsl --set-version DISTRIBUTION 2";

/**
 * Find out by what means commands can be confined here. Tries them out, which takes some 20 ms and five seconds at most; never
 * throws. Where there are none, the answer says why, and what would mend it.
 */
export async function probeMachine(options: ProbeOptions, host = realHost(options.signal)): Promise<Machine> {
  const uid = process.getuid?.() ?? 0;
  const files = realFiles(uid);
  return {
    means: await meansOf(options, host),
    files,
    uid,
    memoryBytes: totalmem(),
    home: absolute(options.env.HOME),
    tmpdir: absolute(options.env.TMPDIR),
    ownPlaces: (options.ownPlaces ?? []).map((place) => files.realpath(place) ?? place),
  };
}

async function meansOf(options: ProbeOptions, host: ProbeHost): Promise<Machine["means"]> {
  if (host.platform === "darwin") return { kind: "macos" };
  if (host.platform === "win32") return unavailable("windows", "no sandbox is known for Windows");
  if (host.platform !== "linux") return unavailable("other", `no sandbox is known for ${host.platform}`);
  const { arch } = host;
  if (arch !== "x64" && arch !== "arm64") return unavailable("linux", `no system call filter is known for ${arch}`);
  if (await isWsl1(host)) return unavailable("linux", WSL1_REASON);
  const release = (await host.readText("/proc/sys/kernel/osrelease"))?.trim();
  if (release !== undefined && isTooOld(release)) return unavailable("linux", tooOldReason(release));
  const finding = await rememberedFinding(options, host);
  if ("reason" in finding) return unavailable("linux", finding.reason);
  return { kind: "linux", bubblewrap: finding.bubblewrap, arch };
}

const findings = new Map<string, { readonly mtimeMs: number; readonly finding: BubblewrapFinding }>();

/** What works is tried once; what does not may have been mended since. */
async function rememberedFinding(options: ProbeOptions, host: ProbeHost): Promise<BubblewrapFinding> {
  const search = {
    path: options.env.PATH ?? "",
    untrustedFolders: [options.cwd, ...(options.writableFolders ?? [])],
  };
  const key = JSON.stringify(search);
  const known = findings.get(key);
  if (known !== undefined && "bubblewrap" in known.finding) {
    const now = await host.executable(known.finding.bubblewrap.path);
    if (now?.mtimeMs === known.mtimeMs) return known.finding;
  }
  const finding = await probeBubblewrap(search, host);
  const file = "bubblewrap" in finding ? await host.executable(finding.bubblewrap.path) : undefined;
  if (file !== undefined) findings.set(key, { mtimeMs: file.mtimeMs, finding });
  return finding;
}

async function isWsl1(host: ProbeHost): Promise<boolean> {
  const version = ((await host.readText("/proc/version")) ?? "").toLowerCase();
  const [, number] = /wsl(\d+)/.exec(version) ?? [];
  if (number !== undefined) return number === "1";
  return version.includes("microsoft") && !version.includes("microsoft-standard");
}

/** What is mounted has to be looked at from inside before a command may run. */
function isTooOld(release: string): boolean {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  if (major === undefined || minor === undefined) return false;
  return Number(major) < OLDEST_KERNEL[0] || (Number(major) === OLDEST_KERNEL[0] && Number(minor) < OLDEST_KERNEL[1]);
}

function tooOldReason(release: string): string {
  return `Linux ${release} does not tell what is mounted where: use a kernel of version ${OLDEST_KERNEL.join(".")} or newer`;
}

function unavailable(platform: SandboxUnavailable["platform"], reason: string): SandboxUnavailable {
  return { kind: "unavailable", platform, reason };
}

function absolute(path: string | undefined): string | undefined {
  return path?.startsWith("/") ? path : undefined;
}
