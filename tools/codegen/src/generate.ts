import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Protocol, ProtocolTables } from "./api.ts";
import { APIS } from "./apis/index.ts";
import { banner } from "./banner.ts";
import { codeFiles } from "./emit/code.ts";
import { errorTable, fillMarkers, limitTable, methodTable } from "./emit/docs.ts";
import { openRpc } from "./emit/openrpc.ts";
import { provenance } from "./emit/provenance.ts";
import { type Catalog, catalogOf, lookUp, typeFiles, typesWithin } from "./emit/schema-files.ts";
import { importedFiles } from "./imported-files.ts";
import type { Output } from "./output.ts";
import type { ApiSchemas } from "./read/api-schemas.ts";
import { schemasOfTypes } from "./read/authored.ts";
import { type Errors, loadErrors } from "./read/errors.ts";
import { type Limits, loadLimits } from "./read/limits.ts";
import { loadMethodTable, type MethodTable } from "./read/method-table.ts";
import { readShape } from "./schema/read-shape.ts";
import { Types } from "./schema/types.ts";

type Files = Map<string, string>;

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
    if (api.protocol?.tables?.methods != null) {
      await addAuthored(
        root,
        schemas,
        api.protocol,
        { ...api.protocol.tables, methods: api.protocol.tables.methods },
        types,
        catalog,
        files,
      );
    }
  }
  for (const api of APIS) {
    const { source, protocol } = api;
    if (source.kind !== "imported" || protocol === null) continue;
    for (const [path, content] of await importedFiles(root, api, source, protocol)) files.set(path, content);
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

async function addAuthored(
  root: string,
  schemas: ApiSchemas,
  protocol: Protocol,
  tables: ProtocolTables & { readonly methods: string },
  types: Types,
  catalog: Catalog,
  files: Files,
): Promise<void> {
  const { api } = schemas;
  const methods = await loadMethodTable(root, tables.methods);
  const errors = await loadErrors(root, tables);
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
