import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Protocol } from "./api.ts";
import { APIS } from "./apis/index.ts";
import { banner } from "./banner.ts";
import { canonicalJson } from "./canonical-json.ts";
import { codeFiles } from "./emit/code.ts";
import { errorTable, fillMarkers, limitTable, methodTable } from "./emit/docs.ts";
import { provenance } from "./emit/provenance.ts";
import { bundle, type Catalog, catalogOf, typeFiles } from "./emit/schema-files.ts";
import type { Output } from "./output.ts";
import type { ApiSchemas } from "./read/api-schemas.ts";
import { schemasOfTypes } from "./read/authored.ts";
import { documentedConstants } from "./read/documented-constants.ts";
import { loadData, loadMethodTable, type MethodTable } from "./read/method-table.ts";
import { readShape } from "./schema/read-shape.ts";
import { Types } from "./schema/types.ts";

/** Make every generated file of the repository, in memory. */
export async function generate(root: string): Promise<Output> {
  const brands = Object.assign({}, ...APIS.map(({ source }) => (source.kind === "authored" ? source.brands : {})));
  const authored = APIS.flatMap((api) =>
    api.source.kind === "authored" ? [schemasOfTypes(root, api, api.source, brands)] : [],
  );
  const catalog = catalogOf(authored);
  const types = typesOf(catalog);
  const files = new Map<string, string>();
  for (const schemas of authored) addSchemas(root, schemas, catalog, files);
  for (const schemas of authored) await addProtocol(root, schemas, types, files);
  const folders = authored.flatMap(({ api }) => [
    api.schemas,
    ...(api.protocol?.code ? [api.protocol.code.folder] : []),
  ]);
  return { files, folders };
}

/** @throws Error for a schema with something in it that the generator does not know. */
export function typesOf(catalog: Catalog): Types {
  return new Types(new Map([...catalog].map(([name, { schema }]) => [name, readShape(schema, name)])));
}

function addSchemas(root: string, schemas: ApiSchemas, catalog: Catalog, files: Map<string, string>): void {
  const { api } = schemas;
  for (const [path, content] of typeFiles(schemas, catalog)) files.set(path, content);
  files.set(`${api.schemas}/${api.name}.json`, bundle(schemas, catalog, api.name));
  files.set(`${api.schemas}/PROVENANCE.md`, provenance(root, schemas));
}

async function addProtocol(
  root: string,
  { api, files: sources }: ApiSchemas,
  types: Types,
  files: Map<string, string>,
): Promise<void> {
  const { protocol } = api;
  if (protocol?.tables == null) return;
  const methods = await loadMethodTable(root, protocol.tables.methods);
  files.set(`${api.schemas}/methods.json`, canonicalJson(methodIndex(methods)));
  if (protocol.code !== null) {
    const header = banner(root, [protocol.tables.methods, ...sources]);
    for (const [path, source] of await codeFiles({ types, imported: null, methods }, protocol.code)) {
      files.set(`${protocol.code.folder}/${path}`, header + source);
    }
  }
  if (protocol.docs !== null) files.set(protocol.docs, await page(root, protocol.docs, protocol.tables, methods));
}

async function page(
  root: string,
  docs: string,
  paths: NonNullable<Protocol["tables"]>,
  methods: MethodTable,
): Promise<string> {
  const { ERRORS } = await loadData(root, paths.errors);
  const limits = await loadData(root, paths.limits);
  const tables = {
    methods: methodTable(methods),
    errors: errorTable(ERRORS as Parameters<typeof errorTable>[0]),
    limits: limitTable(limits, documentedConstants(root, paths.limits)),
  };
  return fillMarkers(readFileSync(join(root, docs), "utf8"), tables);
}

function methodIndex(methods: MethodTable): unknown {
  const ref = (name: string | null) => (name === null ? null : { $ref: `${name}.json` });
  return Object.fromEntries(
    methods.map(({ method, params, result, ...row }) => [method, { ...row, params: ref(params), result: ref(result) }]),
  );
}
