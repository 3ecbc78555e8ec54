import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Api, ImportedSource, Protocol, ProtocolTables } from "./api.ts";
import { APIS } from "./apis/index.ts";
import { banner } from "./banner.ts";
import { canonicalJson } from "./canonical-json.ts";
import { codeFiles } from "./emit/code.ts";
import { errorTable, fillMarkers, limitTable, methodTable } from "./emit/docs.ts";
import { openRpc } from "./emit/openrpc.ts";
import { provenance } from "./emit/provenance.ts";
import { type Catalog, catalogOf, lookUp, typeFiles, typesWithin } from "./emit/schema-files.ts";
import { schemaOfShape } from "./emit/schema-of-shape.ts";
import { typeNotes } from "./emit/type-notes.ts";
import { type MergedApi, mergeReleases } from "./merge/merge-releases.ts";
import type { Output } from "./output.ts";
import type { ApiSchemas } from "./read/api-schemas.ts";
import { schemasOfTypes } from "./read/authored.ts";
import { importedTypes, methodsOf, withUnlistedMethods } from "./read/imported.ts";
import { type Limits, loadLimits } from "./read/limits.ts";
import { loadData, loadMethodTable, type MethodTable } from "./read/method-table.ts";
import { readShape } from "./schema/read-shape.ts";
import { Types } from "./schema/types.ts";

type Files = Map<string, string>;

type Errors = Readonly<Record<string, { readonly code: number; readonly meaning: string }>>;

/** Make every generated file of the repository, in memory. */
export async function generate(root: string): Promise<Output> {
  const brands = Object.assign({}, ...APIS.map(({ source }) => (source.kind === "authored" ? source.brands : {})));
  const authored = APIS.flatMap((api) =>
    api.source.kind === "authored" ? [schemasOfTypes(root, api, api.source, brands)] : [],
  );
  const catalog = catalogOf(authored);
  const types = typesOf(catalog);
  const files: Files = new Map();
  for (const schemas of authored) {
    const { api } = schemas;
    for (const [path, content] of typeFiles(schemas, catalog)) files.set(path, content);
    files.set(`${api.schemas}/PROVENANCE.md`, provenance(root, schemas));
    if (api.protocol?.tables != null) {
      await addAuthored(root, schemas, api.protocol, api.protocol.tables, types, catalog, files);
    }
  }
  for (const api of APIS) {
    const { source, protocol } = api;
    if (source.kind === "imported" && protocol !== null) await addImported(root, api, source, protocol, files);
  }
  return {
    files,
    folders: APIS.flatMap(({ schemas, protocol }) => [schemas, ...(protocol?.code ? [protocol.code.folder] : [])]),
    kept: APIS.flatMap(({ schemas, source, protocol }) => [
      ...(source.kind === "imported" ? [...source.releases.map(({ document }) => document), source.unlisted] : []),
      ...(protocol?.fixtures == null ? [] : [`${schemas}/${protocol.fixtures}`]),
    ]),
  };
}

/** @throws Error for a schema with something in it that the generator does not know. */
export function typesOf(catalog: Catalog): Types {
  return new Types(new Map([...catalog].map(([name, { schema }]) => [name, readShape(schema, name)])));
}

async function addImported(
  root: string,
  api: Api,
  source: ImportedSource,
  protocol: Protocol,
  files: Files,
): Promise<void> {
  const releases = source.releases.map((release) => importedTypes(root, api, release));
  for (const { api: own, ...release } of releases) {
    files.set(`${own.schemas}/PROVENANCE.md`, provenance(root, { api: own, ...release }));
    const document = openRpc({
      api: own,
      protocol: { ...protocol, release: release.release },
      methods: methodsOf(source, release),
      types: release.types,
      schemas: `${api.name}.json`,
      errors: {},
      limits: [],
    });
    files.set(`${own.schemas}/openrpc.json`, document);
  }
  if (protocol.code === null) return;
  const merged = mergeReleases(
    source,
    releases.map((release) => withUnlistedMethods(root, source, release)),
  );
  const { types, methods } = merged;
  const notes = typeNotes(merged, source.releases[0]?.release ?? "", protocol.code.settings.kit);
  const whole = mergedSchemas(api, source, merged);
  files.set(`${api.schemas}/${api.name}.json`, whole.text);
  files.set(
    `${api.schemas}/openrpc.json`,
    openRpc({ api, protocol, methods, types: whole.types, schemas: `${api.name}.json`, errors: {}, limits: [] }),
  );
  const header = banner(root, [...source.releases.map(({ document }) => document), source.unlisted]);
  const code = await codeFiles({ types, imported: types.names(), methods, notes }, protocol.code);
  for (const [path, text] of code) files.set(`${protocol.code.folder}/${path}`, header + text);
}

/** One document of what all releases are together. */
function mergedSchemas(api: Api, { releases }: ImportedSource, { types, experimental }: MergedApi) {
  const schemas = types.names().map((name) => [name, schemaOfShape(types.shape(name))] as const);
  const text = canonicalJson({
    $schema: "http://json-schema.org/draft-07/schema#",
    title: `${api.name}, of all releases`,
    definitions: Object.fromEntries(schemas),
    "x-releases": releases.map(({ release }) => release),
    "x-experimental-members": [...experimental].sort(),
  });
  return { text, types: new Map(schemas) };
}

async function addAuthored(
  root: string,
  schemas: ApiSchemas,
  protocol: Protocol,
  tables: ProtocolTables,
  types: Types,
  catalog: Catalog,
  files: Files,
): Promise<void> {
  const { api } = schemas;
  const methods = await loadMethodTable(root, tables.methods);
  const { ERRORS } = await loadData(root, tables.errors);
  const errors = ERRORS as Errors;
  const limits = await loadLimits(root, tables);
  files.set(
    `${api.schemas}/openrpc.json`,
    openRpc({
      api,
      protocol,
      methods: methods.filter(({ params }) => isOwn(params, api.name, catalog)),
      types: typesWithin(schemas, catalog, [protocol.envelope]),
      schemas: "within",
      errors,
      limits,
    }),
  );
  if (protocol.code !== null) {
    const header = banner(root, [tables.methods, ...schemas.files]);
    for (const [path, source] of await codeFiles({ types, imported: null, methods }, protocol.code)) {
      files.set(`${protocol.code.folder}/${path}`, header + source);
    }
  }
  if (protocol.docs !== null) files.set(protocol.docs, page(root, protocol.docs, { methods, errors, limits }, catalog));
}

/** One table may hold the methods of an API and of what extends it: each is in the document of the one that owns its params. */
function isOwn(params: string | null, api: string, catalog: Catalog): boolean {
  return params === null || lookUp(params, catalog).api === api;
}

function page(
  root: string,
  docs: string,
  { methods, errors, limits }: { methods: MethodTable; errors: Errors; limits: Limits },
  catalog: Catalog,
): string {
  const tables = {
    methods: methodTable(methods, (type) => `schemas/${lookUp(type, catalog).api}`),
    errors: errorTable(errors),
    limits: limitTable(limits),
  };
  return fillMarkers(readFileSync(join(root, docs), "utf8"), tables);
}
