import { execFile } from "node:child_process";
import { access, chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { releaseCache } from "./release-cache.ts";

const run = promisify(execFile);

/** Releases of the reference peer that are known to matter, oldest first. */
export const RELEASES = ["0.142.5", "0.144.6", "0.169.0", "0.171.0"] as const;

const PLATFORM_PACKAGES: Readonly<Record<string, string>> = {
  "linux-x64": "codex-linux-x64",
  "linux-arm64": "codex-linux-arm64",
  "darwin-x64": "codex-darwin-x64",
  "darwin-arm64": "codex-darwin-arm64",
};

/** A release cannot be had here; the message says why and what to do. */
export class ReleaseUnavailableError extends Error {
  override readonly name = "ReleaseUnavailableError";
}

/** One installed release: its number and the path of its native program. */
export interface Release {
  readonly version: string;
  readonly program: string;
}

function platformPackage(): string {
  const platform = `${process.platform}-${process.arch}`;
  const name = PLATFORM_PACKAGES[platform];
  if (name === undefined) throw new ReleaseUnavailableError(`no reference release is published for ${platform}`);
  return name;
}

async function findProgram(folder: string): Promise<string | undefined> {
  const vendor = join(folder, "node_modules", "@openai", platformPackage(), "vendor");
  for (const triple of await readdir(vendor).catch(() => [])) {
    const program = join(vendor, triple, "bin", "codex");
    if (
      await access(program).then(
        () => true,
        () => false,
      )
    )
      return program;
  }
  return undefined;
}

/** npm's own words: the error code where there is one. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const lines = "stderr" in cause ? String(cause.stderr).trim().split("\n") : [];
  return lines.find((line) => line.startsWith("npm error code")) ?? lines[0] ?? cause.message;
}

/** Installed aside and renamed, so that an interrupted download is never taken for a release. */
async function install(version: string, folder: string): Promise<void> {
  await mkdir(releaseCache(), { recursive: true });
  const aside = await mkdtemp(join(releaseCache(), `.partial-${version}-`));
  try {
    await writeFile(join(aside, "package.json"), '{"private":true}\n');
    const args = [
      "install",
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      "--loglevel=error",
      `@openai/codex@${version}`,
    ];
    await run("npm", args, { cwd: aside, timeout: 600_000 });
    await rm(folder, { recursive: true, force: true });
    // Made for its owner alone. Root lets other users run releases too.
    await chmod(aside, 0o755);
    await rename(aside, folder);
  } catch (cause) {
    const detail = reasonOf(cause);
    throw new ReleaseUnavailableError(
      `cannot install release ${version} of the reference peer (${detail}); with a network, run the same command again`,
      { cause },
    );
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/**
 * Make one release ready to run; downloads about 130 MB the first time.
 *
 * @throws ReleaseUnavailableError no network, no such release, or no build for this machine.
 */
export async function ensureRelease(
  version: string,
  onInstall: (version: string) => void = () => {},
): Promise<Release> {
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new ReleaseUnavailableError(`not a release number: ${version}`);
  const folder = join(releaseCache(), version);
  let program = await findProgram(folder);
  if (program === undefined) {
    onInstall(version);
    await install(version, folder);
    program = await findProgram(folder);
  }
  if (program === undefined)
    throw new ReleaseUnavailableError(`release ${version} lies in ${folder} without a program`);
  const { stdout } = await run(program, ["--version"], { env: { ...process.env, CODEX_HOME: folder } });
  if (!stdout.trim().endsWith(` ${version}`)) {
    throw new ReleaseUnavailableError(`${program} says "${stdout.trim()}" instead of ${version}; remove ${folder}`);
  }
  return { version, program };
}

function partsOf(version: string): number[] {
  return version.split(".").map(Number);
}

/** Order of release numbers: true when `version` is `floor` or newer. */
export function isAtLeast(version: string, floor: string): boolean {
  const floorParts = partsOf(floor);
  for (const [index, part] of partsOf(version).entries()) {
    const other = floorParts[index] ?? 0;
    if (part !== other) return part > other;
  }
  return true;
}
