import { readFileSync } from "node:fs";
import { join } from "node:path";
import { APIS, EXEC_SERVER } from "./apis.ts";
import { banner } from "./banner.ts";
import { canonicalJson } from "./canonical-json.ts";
import { documentedConstants } from "./documented-constants.ts";
import { errorTable, fillMarkers, limitTable, methodTable } from "./emit-docs.ts";
import { emitQuickChecks } from "./emit-quick-checks.ts";
import { emitStubTypes } from "./emit-stub-types.ts";
import { emitValidators } from "./emit-validators.ts";
import { loadData, loadMethodTable, type MethodTable } from "./method-table.ts";
import type { Output } from "./output.ts";
import { provenance } from "./provenance.ts";
import { bundle, type Catalog, catalogOf, typeFiles } from "./schema-files.ts";
import { type ApiSchemas, schemasOfTypes } from "./schemas-of-types.ts";

/** Make every generated file of the repository, in memory. */
export async function generate(root: string): Promise<Output> {
  const brands = Object.assign({}, ...APIS.map((api) => api.brands)) as Record<string, string>;
  const all = APIS.map((api) => schemasOfTypes(root, api, brands));
  const catalog = catalogOf(all);
  const files = new Map<string, string>();
  for (const schemas of all) addSchemas(root, schemas, catalog, files);
  await addExecServer(root, all, catalog, files);
  const folders = [...APIS.map((api) => api.schemas), EXEC_SERVER.code];
  return { files, folders };
}

function addSchemas(root: string, schemas: ApiSchemas, catalog: Catalog, files: Map<string, string>): void {
  const { api } = schemas;
  for (const [path, content] of typeFiles(schemas, catalog)) files.set(path, content);
  files.set(`${api.schemas}/${api.name}.json`, bundle(schemas, catalog, api.name));
  files.set(`${api.schemas}/PROVENANCE.md`, provenance(root, schemas));
}

async function addExecServer(
  root: string,
  all: readonly ApiSchemas[],
  catalog: Catalog,
  files: Map<string, string>,
): Promise<void> {
  const methods = await loadMethodTable(root, EXEC_SERVER.methods);
  const own = all.find(({ api }) => api.name === "exec-server");
  if (own === undefined) throw new Error("there is no API exec-server");
  files.set(`${own.api.schemas}/methods.json`, canonicalJson(methodIndex(methods)));
  const fromTable = banner(root, [EXEC_SERVER.methods]);
  const fromTypes = banner(root, [EXEC_SERVER.methods, ...own.files]);
  const code = (name: string, header: string, source: string) =>
    files.set(`${EXEC_SERVER.code}/${name}.gen.ts`, header + source);
  code("zod", fromTypes, emitValidators(catalog, methods));
  code("quick-checks", fromTypes, emitQuickChecks(catalog, methods));
  code("stub-types", fromTable, emitStubTypes(methods, EXEC_SERVER.stubs));
  files.set(EXEC_SERVER.docs, await page(root, methods));
}

async function page(root: string, methods: MethodTable): Promise<string> {
  const { ERRORS } = await loadData(root, EXEC_SERVER.errors);
  const limits = await loadData(root, EXEC_SERVER.limits);
  const tables = {
    methods: methodTable(methods),
    errors: errorTable(ERRORS as Parameters<typeof errorTable>[0]),
    limits: limitTable(limits, documentedConstants(root, EXEC_SERVER.limits)),
  };
  return fillMarkers(readFileSync(join(root, EXEC_SERVER.docs), "utf8"), tables);
}

function methodIndex(methods: MethodTable): unknown {
  const ref = (name: string | null) => (name === null ? null : { $ref: `${name}.json` });
  return Object.fromEntries(
    methods.map(({ method, params, result, ...row }) => [method, { ...row, params: ref(params), result: ref(result) }]),
  );
}
