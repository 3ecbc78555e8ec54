import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { FarPlatform } from "@holdfast/exec-client";
import { ownFolder } from "../own-folder.ts";

const MANIFEST = "package.json";

/**
 * The packages that the program loads from where they lie, and their folders here, for a machine; undefined for what is not installed
 * here. Installers leave out the binaries for other machines than their own, unless they are told.
 */
export function outsidePackages(
  folder: string,
  { platform, arch, libc }: FarPlatform,
): Readonly<Record<string, string | undefined>> {
  const kind = `${platform}-${arch}`;
  const koffi = packageFolder(folder, "koffi");
  const pty = packageFolder(folder, "@lydell/node-pty");
  const bufferutil = packageFolder(folder, "bufferutil");
  return {
    koffi,
    [`@koromix/koffi-${kind}`]: packageFolder(koffi, `@koromix/koffi-${kind}`),
    "@lydell/node-pty": pty,
    // Built for glibc alone.
    [`@lydell/node-pty-${kind}`]: libc === "musl" ? undefined : packageFolder(pty, `@lydell/node-pty-${kind}`),
    bufferutil,
    "node-gyp-build": packageFolder(bufferutil, "node-gyp-build"),
  };
}

/** Whether everything for a machine is installed here that it would miss. */
export function isWholeFor(platform: FarPlatform): boolean {
  const kind = `${platform.platform}-${platform.arch}`;
  const packages = outsidePackages(ownFolder(), platform);
  // On Linux the C library makes terminals, too. The rest brings some speed.
  const needed = [`@koromix/koffi-${kind}`, ...(platform.platform === "linux" ? [] : [`@lydell/node-pty-${kind}`])];
  return needed.every((name) => packages[name] !== undefined);
}

/** Where a package is that another one requires. Not by its exports, which need not name its manifest. */
function packageFolder(from: string | undefined, name: string): string | undefined {
  if (from === undefined) return undefined;
  const paths = createRequire(join(from, MANIFEST)).resolve.paths(name) ?? [];
  const found = paths.map((path) => join(path, name)).find((path) => existsSync(join(path, MANIFEST)));
  return found === undefined ? undefined : dirname(createRequire(join(found, MANIFEST)).resolve(`./${MANIFEST}`));
}
