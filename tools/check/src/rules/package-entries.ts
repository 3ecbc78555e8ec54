import { dirname, join, relative } from "node:path/posix";
import { packageOf, type WorkspacePackage } from "../workspace.ts";

/**
 * A package is imported by the entries that its manifest exports, and by nothing behind them: neither by a path that leads out of the
 * importing package, nor by a file of the other one's inside.
 */
export function packageEntries(packages: readonly WorkspacePackage[]): readonly string[] {
  const byName = new Map(packages.map((one) => [one.name, one]));
  return packages.flatMap(({ folder, sources }) =>
    sources.flatMap(({ path, imports }) =>
      imports.flatMap((specifier) => {
        if (specifier.startsWith(".")) {
          const target = join(dirname(path), specifier);
          return relative(folder, target).startsWith("..")
            ? [`${path}: ${specifier} leads out of ${folder}; import the package by its name`]
            : [];
        }
        const target = byName.get(packageOf(specifier));
        if (target === undefined) return [];
        const entry = `.${specifier.slice(target.name.length)}`;
        return Object.hasOwn(target.manifest.exports ?? {}, entry)
          ? []
          : [`${path}: ${specifier} is no entry of ${target.name}; its package.json exports ${entriesOf(target)}`];
      }),
    ),
  );
}

function entriesOf({ manifest }: WorkspacePackage): string {
  return Object.keys(manifest.exports ?? {}).join(", ") || "nothing";
}
