import { readdir, readFile } from "node:fs/promises";

/** The processes of this machine that have this in their environment, other than the executor itself. */
export async function marked(marker: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readFile(`/proc/${name}/environ`, "utf8").catch(() => "");
    if (environment.split("\0").includes(marker)) found.push(Number(name));
  }
  return found;
}
