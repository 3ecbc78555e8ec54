import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { FarPlatform } from "@holdfast/exec-client";

/** What of this package runs, in its folder. */
const OWN_PARTS = ["bin", "dist/program", "dist/pty"];
const MANIFEST = "package.json";

/** What of an outside package runs; sources of its native parts do not. */
const RUNS = /\.(js|cjs|mjs|json|node)$/;
const IS_LICENSE = /^licen[cs]e/i;
const NOT_RUN = /^(vendor|doc|deps|cnoke\.cjs)/;

/** A file of the program: where it is here, and where it is to be. */
export interface ProgramFile {
  readonly from: string;
  readonly to: string;
}

/** Names of the files of this package, below its folder. */
export function ownFiles(folder: string): readonly string[] {
  return [MANIFEST, ...OWN_PARTS.flatMap((part) => filesBelow(join(folder, part)).map((name) => `${part}/${name}`))];
}

/**
 * The files of the program for a machine, its native parts among them.
 *
 * @throws Error - The native parts for that kind of machine are not installed here.
 */
export function programFiles(folder: string, platform: FarPlatform): readonly ProgramFile[] {
  const own = ownFiles(folder).map((name) => ({ from: join(folder, name), to: name }));
  const kind = `${platform.platform}-${platform.arch}`;
  const refuse = (): never => {
    throw new Error(
      `that machine is ${kind}${platform.libc === "musl" ? " with musl" : ""}, and the native parts for that are not installed here; install holdfast there`,
    );
  };
  // The one for terminals is built for glibc alone.
  if (platform.libc === "musl") refuse();
  const koffi = packageFolder(folder, "koffi") ?? refuse();
  const pty = packageFolder(folder, "@lydell/node-pty") ?? refuse();
  const bufferutil = packageFolder(folder, "bufferutil") ?? refuse();
  const packages = {
    koffi,
    [`@koromix/koffi-${kind}`]: packageFolder(koffi, `@koromix/koffi-${kind}`) ?? refuse(),
    "@lydell/node-pty": pty,
    [`@lydell/node-pty-${kind}`]: packageFolder(pty, `@lydell/node-pty-${kind}`) ?? refuse(),
    bufferutil,
    "node-gyp-build": packageFolder(bufferutil, "node-gyp-build") ?? refuse(),
  };
  const isForThere = (name: string): boolean => {
    const [top = "", second = ""] = name.split("/");
    if (NOT_RUN.test(name)) return false;
    // Native parts for each kind of machine in a folder of its own.
    if (top === "prebuilds") return second === kind;
    return top !== "musl_x64" && !top.startsWith("musl_");
  };
  const outside = Object.entries(packages).flatMap(([name, place]) =>
    filesBelow(place)
      .filter((file) => isForThere(file) && (RUNS.test(file) || IS_LICENSE.test(file)))
      .map((file) => ({ from: join(place, file), to: `node_modules/${name}/${file}` })),
  );
  return [...own, ...outside];
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .filter((name) => !name.includes("node_modules/"))
    .sort();
}

/** Where a package is that another one requires. Not by its exports, which need not name its manifest. */
function packageFolder(from: string, name: string): string | undefined {
  const paths = createRequire(join(from, MANIFEST)).resolve.paths(name) ?? [];
  const found = paths.map((path) => join(path, name)).find((path) => existsSync(join(path, MANIFEST)));
  return found === undefined ? undefined : dirname(createRequire(join(found, MANIFEST)).resolve(`./${MANIFEST}`));
}
