import { existsSync, realpathSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Packages that are loaded from where they lie, some only when they are needed, and what of them is a package for each kind of machine. */
const PACKAGES: Readonly<Record<string, string | undefined>> = {
  koffi: `@koromix/koffi-${process.platform}-${process.arch}`,
  "@lydell/node-pty": `@lydell/node-pty-${process.platform}-${process.arch}`,
  bufferutil: "node-gyp-build",
  undici: undefined,
  ws: undefined,
  zod: undefined,
  "@holdfast/exec-server-protocol": undefined,
  "@holdfast/path-uri": undefined,
  "@holdfast/permission-profile": undefined,
  "@holdfast/rpc": undefined,
  "@holdfast/sandbox": undefined,
};

/** Where a package is installed, unlike one that is built here. */
const INSTALLED = "/node_modules/";
const BUILT = "dist";

/**
 * Where the program that runs here, and everything that it or its next start may load, is: absolute native paths without links. A
 * confined command that could write there would run its own code outside of its sandbox.
 *
 * @param more - Places of the program that embeds the executor. What is not there is left out.
 */
export function ownPlaces(more: readonly string[] = []): readonly string[] {
  const modules = fileURLToPath(new URL("..", import.meta.url));
  const packages = Object.entries(PACKAGES).flatMap(([name, part]) => {
    const folder = packageFolder(name, modules);
    return folder === undefined ? [] : [withoutSources(folder), part && packageFolder(part, folder)];
  });
  // With it Node takes bytecode from there, and runs it unseen.
  const places = [process.execPath, modules, getCompileCacheDir?.(), ...packages, ...more];
  return [...new Set(places.flatMap((place) => withoutLinks(place) ?? []))];
}

/** Where Node finds a package from within a folder, without links; undefined where it is not there, or part of a bundle. */
function packageFolder(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, "node_modules", name);
    if (existsSync(place)) return withoutLinks(place);
    if (folder === dirname(folder)) return undefined;
  }
}

/** Of a package that is built here, only what was built is loaded: its sources may be worked on by confined commands. */
function withoutSources(folder: string): string {
  return folder.includes(INSTALLED) ? folder : join(folder, BUILT);
}

function withoutLinks(path: string | undefined): string | undefined {
  if (path === undefined || path === "") return undefined;
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
