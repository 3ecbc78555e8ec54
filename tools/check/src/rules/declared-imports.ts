import { isBuiltin } from "node:module";
import { packageOf, type WorkspacePackage } from "../workspace.ts";

/**
 * Published as bundles that hold all that they import: what is in one is there without an install, and would not be found by one. Nor may its
 * declarations lead there.
 */
const WHOLE_BUNDLES: readonly string[] = ["holdfast", "@holdfast/relay-protocol"];

/** What a bundle takes in of others, and its entries' declarations do not lead to: whoever installs it is spared them. */
const TAKEN_IN: Readonly<Record<string, readonly string[]>> = {
  "@holdfast/exec-client": ["@holdfast/relay-protocol"],
};

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
              (WHOLE_BUNDLES.includes(name) || TAKEN_IN[name]?.includes(target) === true
                ? manifest.devDependencies
                : { ...manifest.peerDependencies, ...manifest.dependencies })?.[target] === undefined,
          )
          .map((target) => `${path}: ${target} is no dependency of ${name}`),
      ),
    );
}
