import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSource, type SourceFile } from "./source-file.ts";

/** The root of this repository. */
export const repositoryRoot = fileURLToPath(new URL("../../..", import.meta.url));

/** One workspace package. */
export interface WorkspacePackage {
  readonly name: string;
  /** Folder from the root, e.g. `packages/rpc`. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly sources: readonly SourceFile[];
}

export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly engines?: { readonly node?: string };
  readonly files?: readonly string[];
  readonly exports?: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  /** What takes the place of other members when the package is packed. */
  readonly publishConfig?: Pick<Manifest, "exports">;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** Every package of the workspace with its sources (`src`, no tests, no build output). */
export function readWorkspace(root: string = repositoryRoot): readonly WorkspacePackage[] {
  const manifests = globSync(
    [
      "packages/*/package.json",
      "tools/*/package.json",
      "conformance/package.json",
      "bench/package.json",
      "examples/package.json",
    ],
    { cwd: root },
  );
  return manifests.sort().map((path) => {
    const folder = dirname(path);
    const manifest = JSON.parse(readFileSync(join(root, path), "utf8")) as Manifest;
    const sources = globSync("src/**/*.ts", { cwd: join(root, folder) }).sort();
    return {
      name: manifest.name,
      folder,
      manifest,
      sources: sources.map((source) =>
        parseSource(join(folder, source), readFileSync(join(root, folder, source), "utf8")),
      ),
    };
  });
}

/** `@scope/name/sub` → `@scope/name`; `name/sub` → `name`. */
export function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? specifier);
}
