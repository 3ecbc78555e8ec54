import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { FarPlatform } from "@holdfast/exec-client";
import { outsidePackages } from "./outside-packages.ts";

/** What of this package runs, in its folder. */
const OWN_PARTS = ["bin", "dist/program", "dist/pty"];
const MANIFEST = "package.json";

/** What the executor knows. */
const RUNS_ON: ReadonlySet<string> = new Set(["linux", "darwin"]);

/** What of an outside package runs; sources of its native parts do not. The last starts programs behind a terminal on macOS. */
const RUNS = /\.(js|cjs|mjs|json|node)$|^spawn-helper$/;
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
 * The files of the program for a machine, with the native parts for it that are installed here.
 *
 * @throws Error - It does not run on that kind of machine.
 */
export function programFiles(folder: string, platform: FarPlatform): readonly ProgramFile[] {
  const kind = `${platform.platform}-${platform.arch}`;
  if (!RUNS_ON.has(platform.platform)) {
    throw new Error(`that machine is ${kind}; Linux and macOS can be executors`);
  }
  const own = ownFiles(folder).map((name) => ({ from: join(folder, name), to: name }));
  const otherLibc = platform.libc === "musl" ? "linux_" : "musl_";
  const isForThere = (name: string): boolean => {
    const [top = "", second = ""] = name.split("/");
    if (NOT_RUN.test(name)) return false;
    // Native parts for each kind of machine in a folder of its own.
    if (top === "prebuilds") return second === kind;
    return !top.startsWith(otherLibc);
  };
  const outside = Object.entries(outsidePackages(folder, platform)).flatMap(([name, place]) =>
    (place === undefined ? [] : filesBelow(place))
      .filter((file) => isForThere(file) && (RUNS.test(file) || IS_LICENSE.test(file)))
      .map((file) => ({ from: join(place ?? "", file), to: `node_modules/${name}/${file}` })),
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
