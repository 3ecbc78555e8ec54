import type { WorkspacePackage } from "../workspace.ts";

/** Outside packages have one version for the whole repository, in the catalog; own ones come from the workspace. */
export function catalog(packages: readonly WorkspacePackage[]): readonly string[] {
  return packages.flatMap(({ folder, manifest }) =>
    Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
      .filter(
        ([name, range]) =>
          range !== (name === "holdfast" || name.startsWith("@holdfast/") ? "workspace:*" : "catalog:"),
      )
      .map(([name, range]) => `${folder}/package.json: ${name} is "${range}", not from the catalog or the workspace`),
  );
}
