import type { WorkspacePackage } from "../workspace.ts";

/** Outside packages have one version for the whole repository, in the catalog, or in a named one that says why there are two; own ones come from the workspace. */
export function catalog(packages: readonly WorkspacePackage[]): readonly string[] {
  return packages.flatMap(({ folder, manifest }) =>
    Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
      .filter(([name, range]) =>
        name === "holdfast" || name.startsWith("@holdfast/")
          ? range !== "workspace:*"
          : !/^catalog:[a-z-]*$/.test(range),
      )
      .map(([name, range]) => `${folder}/package.json: ${name} is "${range}", not from the catalog or the workspace`),
  );
}
