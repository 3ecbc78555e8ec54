import { uriOf } from "../start-params.ts";
import type { WireLine, WireMessage } from "../wire-line.ts";
import type { Column } from "./columns.ts";
import type { Playground } from "./playground.ts";
import { errnoName } from "./probe.ts";

/** One file operation of the table. Later ones may see what earlier ones did. */
export interface FileRow {
  readonly id: string;
  readonly method: string;
  /** How 0.169.0 answered under `ww`, `carve` and `min`. */
  readonly answers: readonly string[];
  params(playground: Playground): Readonly<Record<string, unknown>>;
}

const CONTENT = Buffer.from("content\n").toString("base64");

function answers(told: string): readonly string[] {
  return told.split(", ");
}

function onPath(id: string, method: string, told: string, path: (p: Playground) => string, more: object = {}): FileRow {
  return {
    id,
    method,
    answers: answers(told),
    params: (playground) => ({ path: uriOf(path(playground)), ...more }),
  };
}

function read(id: string, told: string, path: (p: Playground) => string): FileRow {
  return onPath(id, "fs/readFile", told, path);
}
function list(id: string, told: string, path: (p: Playground) => string): FileRow {
  return onPath(id, "fs/readDirectory", told, path);
}
function write(id: string, told: string, path: (p: Playground) => string): FileRow {
  return onPath(id, "fs/writeFile", told, path, { dataBase64: CONTENT });
}

const WALK = { maxDepth: 4, maxDirectories: 100, maxEntries: 100, followDirectorySymlinks: false };

/** The file operations of the table, in order. */
export const FILE_ROWS: readonly FileRow[] = [
  read("read workspace", "ok, ok, ok", (p) => `${p.workspace}/file`),
  read("read outside", "ok, ok, -32004 ENOENT", (p) => `${p.outside}/file`),
  read("read a/secret", "ok, -32004 ENOENT, ok", (p) => `${p.workspace}/a/secret`),
  read("read a/b/file", "ok, ok, ok", (p) => `${p.workspace}/a/b/file`),
  onPath("stat a/secret", "fs/getMetadata", "ok, -32004 ENOENT, ok", (p) => `${p.workspace}/a/secret`),
  list("list a", "ok, -32600 EACCES, ok", (p) => `${p.workspace}/a`),
  list("list a/b", "ok, ok, ok", (p) => `${p.workspace}/a/b`),
  onPath("walk workspace", "fs/walk", "ok, ok, ok", (p) => p.workspace, { options: WALK }),
  onPath("open outside", "fs/open", "ok, ok, -32004 ENOENT", (p) => `${p.outside}/file`, { handleId: "outside" }),
  onPath("open a/secret", "fs/open", "ok, -32004 ENOENT, ok", (p) => `${p.workspace}/a/secret`, { handleId: "secret" }),
  write("write workspace", "ok, ok, ok", (p) => `${p.workspace}/file`),
  write("write outside", "-32603 EROFS, -32603 EROFS, -32004 ENOENT", (p) => `${p.outside}/file`),
  write("write through symlink out", "-32603 EROFS, -32603 EROFS, -32004 ENOENT", (p) => `${p.workspace}/link`),
  write("write through hard link out", "ok, ok, ok", (p) => `${p.workspace}/hard`),
  write("write .git/new", "-32603 EROFS, -32603 EROFS, -32603 EROFS", (p) => `${p.workspace}/.git/new`),
  write("write .git/config", "-32603 EROFS, -32603 EROFS, -32603 EROFS", (p) => `${p.workspace}/.git/config`),
  write("write .codex/new", "-32603 EROFS, -32603 EROFS, -32603 EROFS", (p) => `${p.workspace}/.codex/new`),
  write("write a/new", "ok, -32603 EROFS, ok", (p) => `${p.workspace}/a/new`),
  write("write a/b/new", "ok, ok, ok", (p) => `${p.workspace}/a/b/new`),
  write("write /tmp", "ok, ok, -32004 ENOENT", (p) => `/tmp/${p.mark}-new`),
  write("write $TMPDIR", "ok, ok, -32004 ENOENT", (p) => `${p.temporary}/new`),
  onPath("create .codex, recursive", "fs/createDirectory", "ok, ok, ok", (p) => `${p.workspace}/.codex`, {
    recursive: true,
  }),
  onPath("create sub/.codex", "fs/createDirectory", "ok, ok, ok", (p) => `${p.workspace}/sub/.codex`, {
    recursive: false,
  }),
  onPath("remove .git", "fs/remove", "-32603 EROFS, -32603 EROFS, -32603 EROFS", (p) => `${p.workspace}/.git`, {
    recursive: true,
    force: true,
  }),
  onPath("remove outside", "fs/remove", "-32603 EROFS, -32603 EROFS, -32004 ENOENT", (p) => `${p.outside}/hard`, {
    recursive: false,
    force: false,
  }),
  onPath("remove symlink", "fs/remove", "ok, ok, ok", (p) => `${p.workspace}/link`, { recursive: false, force: false }),
  {
    id: "copy outside in",
    answers: answers("ok, ok, -32004 ENOENT"),
    method: "fs/copy",
    params: (p) => ({
      sourcePath: uriOf(`${p.outside}/file`),
      destinationPath: uriOf(`${p.workspace}/copied`),
      recursive: false,
    }),
  },
  {
    id: "copy out",
    answers: answers("-32603 EROFS, -32603 EROFS, -32004 ENOENT"),
    method: "fs/copy",
    params: (p) => ({
      sourcePath: uriOf(`${p.workspace}/file`),
      destinationPath: uriOf(`${p.outside}/copied`),
      recursive: false,
    }),
  },
];

/** `ok`, or the code and the system's error where the text names one. */
function answerOf({ error }: WireMessage): string {
  if (error === undefined) return "ok";
  const number = /\(os error (\d+)\)/.exec(error.message)?.[1];
  return `${error.code}${number === undefined ? "" : ` ${errnoName(Number(number))}`}`;
}

/** Every file operation under a column's profile. Answers by the row's id. */
export async function runFileColumn(
  line: WireLine,
  column: Column,
  playground: Playground,
): Promise<Map<string, string>> {
  const sandbox = column.context(playground);
  const got = new Map<string, string>();
  for (const row of FILE_ROWS) {
    const params = { ...row.params(playground), ...(sandbox === undefined ? {} : { sandbox }) };
    got.set(row.id, answerOf(await line.call(row.method, params, 30_000)));
  }
  return got;
}
