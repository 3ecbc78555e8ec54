import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CodeSettings, ImportedSource } from "../../src/api.ts";
import { APP_SERVER } from "../../src/apis/app-server.ts";
import { codeFiles } from "../../src/emit/code.ts";
import { importedTypes, methodsOf, withUnlistedMethods } from "../../src/read/imported.ts";
import type { MethodTable } from "../../src/read/method-table.ts";
import type { Schema } from "../../src/schema/json-schema.ts";
import { readShape } from "../../src/schema/read-shape.ts";
import { Types } from "../../src/schema/types.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

/** The code of the app-server in a folder of its own. */
export interface GeneratedAppServer extends Disposable {
  readonly folder: string;
  readonly methods: MethodTable;
  readonly definitions: Readonly<Record<string, Schema>>;
  /** Paths of its files, relative to the folder. */
  readonly paths: readonly string[];
}

const SETTINGS: Omit<CodeSettings, "agreement"> = {
  split: "namespace",
  kit: "@holdfast/protocol-kit",
  types: "./types.gen.ts",
  received: null,
  metadata: { type: "NoticeMetadata", from: "../metadata.ts" },
  quick: ["notices"],
  foreign: {},
  byHand: {},
  lateBase64: [],
};

/** @param agreement - `build`: the compiler compares every type with its validator. */
export async function generateAppServer(agreement: CodeSettings["agreement"]): Promise<GeneratedAppServer> {
  const source = APP_SERVER.source as ImportedSource;
  const release = source.releases.find((each) => each.release === "0.169.0");
  if (release === undefined) throw new Error("release 0.169.0 is not imported");
  const imported = withUnlistedMethods(root, source, importedTypes(root, APP_SERVER, release));
  const { types } = imported;
  const methods = methodsOf(source, imported);
  const shapes = new Types(new Map([...types].map(([name, schema]) => [name, readShape(schema, name)])));
  const files = await codeFiles(
    { types: shapes, imported: [...types.keys()], methods },
    {
      folder: "gen",
      stubs: { client: "AppServerClient", server: "AppServerCallbacks" },
      settings: { ...SETTINGS, agreement },
    },
  );
  const folder = mkdtempSync(join(tmpdir(), "codegen-app-server-"));
  // These two are written by hand in the package.
  for (const name of ["metadata.ts", "method-row.ts"]) {
    files.set(`../${name}`, readFileSync(join(root, "packages/app-server-protocol/src", name), "utf8"));
  }
  for (const [path, content] of files) {
    mkdirSync(dirname(join(folder, "gen", path)), { recursive: true });
    writeFileSync(join(folder, "gen", path), content);
  }
  symlinkSync(join(root, "tools/codegen/node_modules"), join(folder, "node_modules"));
  return {
    folder,
    methods,
    definitions: Object.fromEntries(types),
    paths: [...files.keys()].filter((path) => path.endsWith(".gen.ts")).map((path) => `gen/${path}`),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
