import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join, relative } from "node:path";
import type { World } from "./world.ts";

/** What must be the same afterwards: owner's files outside, what is carved out of the workspace, the source. */
const PLACES = [
  "outside",
  "home",
  "source",
  "project/.git",
  "project/kept/deep",
  "project/conf/deep",
  "project/vault",
  "project/certs",
];
/** Entries beside the arena that nobody may add, move or take away. */
const LISTED = [".", "project/.git", "project/kept", "project/conf"];

/** Kind, mode, identity and content of everything that agents may not change, a line each. */
export async function describeUntouched(world: World): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const place of PLACES) lines.push(...(await describe(join(world.root, place), world.root)));
  for (const folder of LISTED) lines.push(`${folder}: ${(await listed(join(world.root, folder))).join(" ")}`);
  return lines;
}

async function describe(path: string, root: string): Promise<readonly string[]> {
  const name = relative(root, path);
  const stats = await lstat(path).catch((error: NodeJS.ErrnoException) => error.code ?? "error");
  if (typeof stats === "string") return [`${name}: ${stats}`];
  const head = `${name}: ${(stats.mode & 0o177777).toString(8)} ${stats.ino} links ${stats.isDirectory() ? "-" : stats.nlink}`;
  if (stats.isSymbolicLink()) return [`${head} -> ${await readlink(path)}`];
  if (!stats.isDirectory()) return [`${head} ${(await readFile(path)).toString("base64").slice(0, 400)} ${stats.size}`];
  const below: string[] = [];
  for (const child of (await readdir(path)).sort()) below.push(...(await describe(join(path, child), root)));
  return [head, ...below];
}

async function listed(folder: string): Promise<readonly string[]> {
  return (await readdir(folder).catch(() => ["gone"])).sort();
}

/** The lines that differ. */
export function differences(before: readonly string[], after: readonly string[]): readonly string[] {
  const [had, has] = [new Set(before), new Set(after)];
  return [
    ...before.filter((line) => !has.has(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !had.has(line)).map((line) => `+ ${line}`),
  ];
}
