import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CodeSettings, ImportedSource } from "../../src/api.ts";
import { APP_SERVER } from "../../src/apis/app-server.ts";
import { codeFiles } from "../../src/emit/code.ts";
import { schemaOfShape } from "../../src/emit/schema-of-shape.ts";
import { typeNotes } from "../../src/emit/type-notes.ts";
import { type MergedApi, mergeReleases } from "../../src/merge/merge-releases.ts";
import { type ImportedTypes, importedTypes, withUnlistedMethods } from "../../src/read/imported.ts";
import type { Schema } from "../../src/schema/json-schema.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** The description of the app-server, and what it says of its package. */
export const source = APP_SERVER.source as ImportedSource;
const code = APP_SERVER.protocol?.code;
if (code == null) throw new Error("the app-server has no code");

/** Each release as it was imported. */
export const releases: readonly ImportedTypes[] = source.releases.map((release) =>
  importedTypes(root, APP_SERVER, release),
);

/** Each release with what is on the wire and in no document of it. */
export const wholeReleases = releases.map((release) => withUnlistedMethods(root, source, release));

/** All releases in one. */
export const merged: MergedApi = mergeReleases(source, wholeReleases);

/** The schemas of all types of that. */
export const definitions: Readonly<Record<string, Schema>> = Object.fromEntries(
  merged.types.names().map((name) => [name, schemaOfShape(merged.types.shape(name))]),
);

/** The code of the app-server in a folder of its own. */
export interface GeneratedAppServer extends Disposable {
  readonly folder: string;
  /** Paths of its files, relative to the folder. */
  readonly paths: readonly string[];
}

/** @param agreement - `build`: the compiler compares every type with its validator. */
export async function generateAppServer(agreement: CodeSettings["agreement"]): Promise<GeneratedAppServer> {
  const { types, methods } = merged;
  const settings = { ...code!.settings, agreement };
  const notes = typeNotes(merged, source.releases[0]?.release ?? "", settings.kit);
  const files = await codeFiles(
    {
      types,
      imported: types.names(),
      methods,
      notes,
      experimental: { ...merged, experimentalVariants: source.experimentalVariants },
    },
    { ...code!, folder: "gen", settings },
  );
  const folder = mkdtempSync(join(tmpdir(), "codegen-app-server-"));
  // These are written by hand in the package.
  for (const name of ["experimental-member.ts", "metadata.ts", "method-row.ts"]) {
    files.set(`../${name}`, readFileSync(join(root, "packages/app-server-protocol/src", name), "utf8"));
  }
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, "gen", path)), { recursive: true });
    writeFileSync(join(folder, "gen", path), content);
  }
  symlinkSync(join(root, "tools/codegen/node_modules"), join(folder, "node_modules"));
  // What is above the temporary folder is no business of the test.
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  return {
    folder,
    paths: [...files.keys()].filter((path) => path.endsWith(".gen.ts")).map((path) => `gen/${path}`),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
