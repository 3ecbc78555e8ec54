import { dirname, join } from "node:path";
import { cyclesOf } from "../cycles.ts";
import { againstKnown } from "../known-breaches.ts";
import type { WorkspacePackage } from "../workspace.ts";

/** Cycles from before the rule, by their files; the list may only become shorter. */
export const KNOWN_CYCLES: readonly (readonly string[])[] = [];

/** Files do not import each other in a circle, not for types either: none of them could be read, moved or tested alone. */
export function importCycles(
  packages: readonly WorkspacePackage[],
  known: readonly (readonly string[])[] = KNOWN_CYCLES,
): readonly string[] {
  const edges = new Map(
    packages.flatMap(({ sources }) =>
      sources.map(({ path, imports }) => [
        path,
        imports.filter((specifier) => specifier.startsWith(".")).map((specifier) => join(dirname(path), specifier)),
      ]),
    ),
  );
  const breaches = cyclesOf(edges).map((files) => ({ key: nameOf(files), text: `${nameOf(files)} import each other` }));
  return againstKnown(breaches, known.map(nameOf), "KNOWN_CYCLES, or leave in it what is left");
}

function nameOf(files: readonly string[]): string {
  return files.join(", ");
}
