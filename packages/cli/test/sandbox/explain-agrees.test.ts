import { accessSync, constants } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { holdfast, lines } from "../support/cli.ts";
import { skipped, unconfinable, ungrantedDir } from "../support/confinement.ts";

/** Prints for every argument whether it can be read and whether it can be written to; what it makes, it takes away. */
const ATTEMPTS = `
for path; do
  if [ -d "$path" ]; then ls "$path" && read=yes || read=no; else cat "$path" && read=yes || read=no; fi >/dev/null 2>&1
  existed=no; { [ -e "$path" ] || [ -L "$path" ]; } && existed=yes
  probe=$path; [ -d "$path" ] && probe=$path/holdfast-probe
  if ( : >>"$probe" ) 2>/dev/null; then write=yes; else write=no; fi
  if [ $write = yes ] && { [ $existed = no ] || [ "$probe" != "$path" ]; }; then rm -f "$probe"; fi
  printf '%s %s %s\\n' "$path" $read $write
done`;

const PATHS = [
  ".",
  "file",
  "missing",
  "missing/below",
  ".git",
  ".git/config",
  ".git/hooks/new",
  ".codex",
  ".codex/new",
  ".aws",
  "sub",
  "sub/.git",
  "sub/.git/new",
  "sub/new",
  "key.pem",
  "sub/deep/key.pem",
  "new.pem",
  "closed",
  "closed/file",
  "closed/new",
  "closed/open",
  "closed/open/file",
  "closed/open/.git/new",
  "closed/shown",
  "closed/shown/file",
  "to-file",
  "to-outside",
  "to-closed",
  "to-key",
  "dangling",
  "through/sub/new",
  "never/made",
  "never",
  "../outside",
  "../outside/file",
  "../outside/new",
  "../added",
  "../added/new",
  "../added/.git/new",
  "/etc/hostname",
  "/etc",
  "/tmp",
  "/opt",
  "/usr/bin",
  "/dev/null",
  "/dev/shm",
];

/** A machine in a folder: a workspace `w` with everything that rules are about, and neighbours. */
async function machineIn(folder: { join(...names: string[]): string }): Promise<void> {
  const folders = ["w/.git/hooks", "w/sub/deep", "w/sub/.git", "w/closed/open", "w/closed/shown", "outside", "added"];
  for (const name of folders) await mkdir(folder.join(name), { recursive: true });
  const files = ["w/file", "w/.git/config", "w/key.pem", "w/sub/deep/key.pem", "w/closed/file"];
  for (const name of [...files, "w/closed/open/file", "w/closed/shown/file", "outside/file"]) {
    await writeFile(folder.join(name), "content\n");
  }
  const links = { "to-file": "file", "to-outside": "../outside/file", "to-closed": "closed/file", "to-key": "key.pem" };
  for (const [name, target] of Object.entries({ ...links, dangling: "nowhere", through: "." })) {
    await symlink(target, folder.join("w", name));
  }
}

function special(kind: string, subpath?: string) {
  return { type: "special", value: { kind, subpath } };
}

function managed(entries: readonly object[], more: object = {}) {
  return {
    type: "managed",
    network: "restricted",
    file_system: { type: "restricted", entries, ...more },
  };
}

function read(path: object) {
  return { path, access: "read" };
}

function write(path: object) {
  return { path, access: "write" };
}

function deny(path: object) {
  return { path, access: "deny" };
}

interface Case {
  readonly options?: readonly string[];
  readonly profile?: object;
}

const CASES: Readonly<Record<string, Case>> = {
  "read-only": { options: ["--profile", "read-only"] },
  "read-only with a denied folder": { options: ["--profile", "read-only", "--deny", "closed"] },
  "workspace-write": {},
  "workspace-write with denied paths": { options: ["--deny", "closed", "--deny", "never/made", "--deny", "file"] },
  "workspace-write with a denied pattern": { options: ["--deny", "**/*.pem"] },
  "workspace-write with another root and folder": { options: ["--root", "sub", "--writable", "../added"] },
  "workspace-write with an open network": { options: ["--network"] },
  none: { options: ["--profile", "none"] },
  "a file: carve-outs that are opened again": {
    profile: managed([
      read(special("root")),
      write(special("project_roots")),
      deny(special("project_roots", "closed")),
      write(special("project_roots", "closed/open")),
      read(special("project_roots", "closed/shown")),
    ]),
  },
  "a file: a workspace that is read-only but for a part": {
    profile: managed([
      read(special("root")),
      write(special("project_roots", "sub")),
      write(special("project_roots", "never")),
    ]),
  },
  "a file: metadata that is granted by name": {
    profile: managed([
      read(special("root")),
      write(special("project_roots")),
      write(special("project_roots", ".git")),
      deny(special("project_roots", ".aws")),
    ]),
  },
  "a file: the platform and the workspace only": {
    profile: managed([read(special("minimal")), write(special("project_roots"))]),
  },
  "a file: a pattern that is looked for one level deep": {
    profile: managed(
      [read(special("root")), write(special("project_roots")), deny({ type: "glob_pattern", pattern: "**/*.pem" })],
      { glob_scan_max_depth: 1 },
    ),
  },
  "a file: a pattern that links match": {
    profile: managed([
      read(special("root")),
      write(special("project_roots")),
      deny({ type: "glob_pattern", pattern: "to-*" }),
    ]),
  },
  "a file: unrestricted": {
    profile: { type: "managed", network: "restricted", file_system: { type: "unrestricted" } },
  },
  "a file: external": { profile: { type: "external", network: "enabled" } },
  "a file: disabled": { profile: { type: "disabled" } },
};

/** What most profiles are made of; the others put the same rules together in other ways. */
const OFTEN = [
  "read-only",
  "workspace-write with denied paths",
  "workspace-write with a denied pattern",
  "a file: carve-outs that are opened again",
  "a file: a pattern that links match",
  "a file: disabled",
];

describe.skipIf(unconfinable !== undefined)(`sandbox --explain agrees with real attempts${skipped}`, () => {
  const cases = Object.entries(CASES);
  const agrees = async (_: string, { options = [], profile }: Case) => {
    await using folder = await ungrantedDir();
    await machineIn(folder);
    await writeFile(folder.join("profile.json"), JSON.stringify(profile ?? {}));
    const chosen = profile === undefined ? options : ["--profile", folder.join("profile.json")];
    const common = ["sandbox", "--cwd", folder.join("w"), ...chosen];
    const told = await holdfast([...common, "--explain", "--json", ...PATHS]);
    expect([told.code, told.stderr]).toEqual([0, ""]);
    const { paths } = JSON.parse(told.stdout.toString()) as { paths: readonly Told[] };
    const tried = await holdfast([...common, "--", "sh", "-c", ATTEMPTS, "sh", ...PATHS]);
    const attempts = lines(tried.stdout.toString()).map((line) => line.split(" "));
    const rows = attempts.map(([path, read, write]) => ({ path, read: read === "yes", write: write === "yes" }));
    const expected = paths.map((each, index) => expectedOf(each, folder.join("w"), rows[index]?.read));
    expect(rows).toEqual(expected);
    expect(paths.every(({ reason }) => reason !== "")).toBe(true);
  };
  test.each(cases.filter(([name]) => OFTEN.includes(name)))("under %s", agrees);
  test.each(cases.filter(([name]) => !OFTEN.includes(name)))("under %s", { tags: "long" }, agrees);
});

interface Told {
  readonly path: string;
  readonly realPath: string;
  readonly exists: boolean;
  readonly access: "read" | "write" | "none";
  readonly reason: string;
}

/**
 * What attempts must come to. The owner and mode of a file decide as well: nothing can be made in a folder that is missing,
 * nor by an ordinary user in one of root. What is missing on this machine can be there in a sandbox, empty, to keep its place.
 */
function expectedOf({ path, realPath, exists, access }: Told, cwd: string, readMissing: boolean | undefined) {
  const real = resolve(cwd, realPath);
  const read = access !== "none" && (exists ? isAllowed(real, constants.R_OK) : readMissing === true);
  const write = access === "write" && isAllowed(exists ? real : dirname(real), constants.W_OK);
  return { path, read, write };
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
