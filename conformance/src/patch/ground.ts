import { mkdir, readdir, readFile, readlink, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { Contents, PatchCase } from "./patch-case.ts";

/** Make what a case begins with. */
export async function lay(folder: string, { files, links = {} }: Pick<PatchCase, "files" | "links">): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  for (const [name, target] of Object.entries(links)) await symlink(target, join(folder, name));
}

export async function contentsOf(folder: string): Promise<Contents> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const contents = entries.map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path);
    if (entry.isSymbolicLink()) return [name, `-> ${await readlink(path)}`];
    return [name, entry.isFile() ? await readFile(path, "latin1") : ""];
  });
  return Object.fromEntries((await Promise.all(contents)).sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)));
}
