import { isBuiltin } from "node:module";
import { packageOf, type WorkspacePackage } from "../workspace.ts";

/** Published as a bundle: what is in it is there without an install, and would not be found by one. */
const BUNDLED = "holdfast";

/** Published code imports only what its own manifest declares as a dependency, or expects beside it. */
export function declaredImports(packages: readonly WorkspacePackage[]): readonly string[] {
  return packages
    .filter(({ folder }) => folder.startsWith("packages/"))
    .flatMap(({ name, manifest, sources }) =>
      sources.flatMap(({ path, imports }) =>
        imports
          .filter((specifier) => !specifier.startsWith(".") && !isBuiltin(specifier))
          .map(packageOf)
          // A test suite for implementers: whoever imports that subpath brings the test runner.
          .filter((target) => target !== name && !(target === "vitest" && path.includes("/testing/")))
          .filter(
            (target) =>
              (name === BUNDLED
                ? manifest.devDependencies
                : { ...manifest.peerDependencies, ...manifest.dependencies })?.[target] === undefined,
          )
          .map((target) => `${path}: ${target} is no dependency of ${name}`),
      ),
    );
}
