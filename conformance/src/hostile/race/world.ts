import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ownFolder } from "../../owned.ts";
import type { Random } from "../../soak/random.ts";

/** Not below `/tmp`, which many profiles may write. */
const PARENT = "/var/tmp";
/** Stands at the head of everything that no confined command may read. */
export const SECRET = "HOLDFAST-RACE-SECRET";
/** Names that agents and operations use in every folder of the arena. */
export const NAMES = ["n0", "n1", "n2", "n3", "n4", "n5"] as const;
export const ARENA = ["project/a", "project/a/b", "project/c", "tmp", "local"] as const;

/** Folders that everything happens in. Gone when disposed. */
export interface World extends AsyncDisposable {
  readonly root: string;
  /** The workspace: agents may write it, but for what is carved out of it. */
  readonly work: string;
  /** The executor's temporary folder: agents may write it. */
  readonly tmp: string;
  /** Where copies from the executor go: agents may write it. */
  readonly local: string;
  /** Nobody confined may write it. */
  readonly outside: string;
  readonly home: string;
  /** What copies are made of, and a place for copies that nobody else may write. */
  readonly source: string;
  readonly safe: string;
  /** Files of the source by relative path. */
  readonly sourceFiles: ReadonlyMap<string, Buffer>;
}

/** What profiles of the race deny or keep read-only, relative to the workspace. */
export const DENIED = ["conf/deep/key", "vault"] as const;
export const DENIED_PATTERN = "certs/*.pem";
export const KEPT = ["kept/deep"] as const;

const FOLDERS = [
  ...[
    "project/a/b",
    "project/c",
    "project/conf/deep",
    "project/vault",
    "project/certs",
    "project/kept/deep",
    "project/.git/hooks",
  ],
  ...["tmp", "local", "outside/folder", "home", "source/sub/empty", "safe"],
];

const SECRETS = ["project/conf/deep/key", "project/vault/key", "project/certs/a.pem", "project/certs/b.pem"];
const KEPT_FILES = ["project/kept/deep/file", "project/.git/config", "project/.git/hooks/sample"];
const OUTSIDE_FILES = ["outside/file", "outside/folder/file", "home/.profile", "home/private"];

export async function makeWorld(random: Random): Promise<World> {
  const folder = ownFolder(await mkdtemp(join(PARENT, "holdfast-race-")));
  const root = folder.path;
  for (const each of FOLDERS) await mkdir(join(root, each), { recursive: true });
  for (const each of SECRETS) await writeFile(join(root, each), `${SECRET} ${each}\n`);
  for (const each of KEPT_FILES) await writeFile(join(root, each), `kept ${each}\n`);
  for (const each of OUTSIDE_FILES) await writeFile(join(root, each), `outside ${each}\n`, { mode: 0o600 });
  const sourceFiles = new Map<string, Buffer>();
  for (const [name, length] of [
    ["small", 100],
    ["empty", 0],
    ["large", 1_500_000],
    ["sub/one", 5_000],
    ["sub/two", 70_000],
  ] as const) {
    const bytes = random.bytes(length);
    sourceFiles.set(name, bytes);
    await writeFile(join(root, "source", name), bytes, { mode: 0o640 });
  }
  const at = (name: string): string => join(root, name);
  return {
    root,
    work: at("project"),
    tmp: at("tmp"),
    local: at("local"),
    outside: at("outside"),
    home: at("home"),
    source: at("source"),
    safe: at("safe"),
    sourceFiles,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
