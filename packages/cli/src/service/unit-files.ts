import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandFailure, reasonOf } from "../command-line/failure.ts";
import { MADE_BY, type UnitFile } from "./systemd-unit.ts";

/** Whether a unit is there, and this program's. @throws CommandFailure it is somebody else's, or can't be read. */
async function isOurs(path: string): Promise<boolean> {
  try {
    const text = await readFile(path, "utf8");
    if (text.startsWith(MADE_BY)) return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw new CommandFailure(`${path} can't be read: ${reasonOf(error)}`, { cause: error });
  }
  throw new CommandFailure(`${path} was not made by holdfast service: choose another --name, or remove it yourself`);
}

/** Write units, each whole or not at all. @throws CommandFailure one of them is not ours to replace, or can't be written. */
export async function writeUnits(folder: string, units: readonly UnitFile[]): Promise<void> {
  for (const { name } of units) await isOurs(join(folder, name));
  try {
    await mkdir(folder, { recursive: true });
    for (const { name, text } of units) {
      const path = join(folder, name);
      const aside = `${path}.${process.pid}.new`;
      await writeFile(aside, text, { mode: 0o644, flag: "wx" });
      await rename(aside, path);
    }
  } catch (error) {
    throw new CommandFailure(`the unit can't be written to ${folder}: ${reasonOf(error)}`, { cause: error });
  }
}

/** @returns those of the names that are there. @throws CommandFailure one of them is not ours to remove. */
export async function ownUnits(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const ours = await Promise.all(names.map(async (name) => ((await isOurs(join(folder, name))) ? [name] : [])));
  return ours.flat();
}

/** @throws CommandFailure one can't be removed. */
export async function removeUnits(folder: string, names: readonly string[]): Promise<void> {
  try {
    for (const name of names) await rm(join(folder, name), { force: true });
  } catch (error) {
    throw new CommandFailure(`the unit can't be removed from ${folder}: ${reasonOf(error)}`, { cause: error });
  }
}
