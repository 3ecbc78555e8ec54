import { realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** What this package loads, some of it only when it is needed; a bundle has most of it inside. */
const PACKAGES = [
  "@holdfast/exec-server-protocol",
  "@holdfast/path-uri",
  "@holdfast/permission-profile",
  "@holdfast/rpc",
  "@holdfast/sandbox",
  "@lydell/node-pty",
  "koffi",
  "undici",
] as const;

/** Native code comes in a package for each kind of machine, which only the package that needs it can find. */
const NATIVE_PARTS: Readonly<Record<string, string>> = {
  "@lydell/node-pty": `@lydell/node-pty-${process.platform}-${process.arch}`,
  koffi: `@koromix/koffi-${process.platform}-${process.arch}`,
};

const NODE_MODULES = "/node_modules/";

/** Where the program that runs here and everything that it may load later are: absolute native paths without links. */
export function ownPlaces(): readonly string[] {
  const modules = realpathSync(fileURLToPath(new URL("..", import.meta.url)));
  const places = new Set([realpathSync(process.execPath), modules]);
  for (const name of PACKAGES) {
    const entry = entryOf(name, import.meta.url);
    if (entry === undefined) continue;
    places.add(folderOf(entry));
    const native = NATIVE_PARTS[name];
    const part = native === undefined ? undefined : entryOf(`${native}/package.json`, entry);
    if (part !== undefined) places.add(folderOf(part));
  }
  return [...places];
}

/** `undefined`: it is not installed, or part of a bundle. */
function entryOf(name: string, from: string): string | undefined {
  try {
    return realpathSync(createRequire(from).resolve(name));
  } catch {
    return undefined;
  }
}

/** All of an installed package; of one that is built here, what was built. */
function folderOf(entry: string): string {
  const start = entry.lastIndexOf(NODE_MODULES);
  if (start === -1) return dirname(entry);
  const end = start + NODE_MODULES.length;
  const names = entry.slice(end).split("/");
  return entry.slice(0, end) + names.slice(0, names[0]?.startsWith("@") === true ? 2 : 1).join("/");
}
