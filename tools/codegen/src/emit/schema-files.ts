import { canonicalJson } from "../canonical-json.ts";
import type { ApiSchemas } from "../read/api-schemas.ts";
import { definitionName, mapSchema, referencedNames, type Schema } from "../schema/json-schema.ts";

const DRAFT = "http://json-schema.org/draft-07/schema#";

/** Every type of every API, with its owner. */
export type Catalog = ReadonlyMap<string, { readonly schema: Schema; readonly api: string }>;

/** @throws Error when two APIs export the same name. */
export function catalogOf(all: readonly ApiSchemas[]): Catalog {
  const catalog = new Map<string, { schema: Schema; api: string }>();
  for (const { api, types } of all) {
    for (const [name, schema] of types) {
      const other = catalog.get(name);
      if (other !== undefined) throw new Error(`type ${name} belongs to ${other.api} and to ${api.name}`);
      catalog.set(name, { schema, api: api.name });
    }
  }
  return catalog;
}

/** One file per type; references are relative file names. */
export function typeFiles({ api, types }: ApiSchemas, catalog: Catalog): Map<string, string> {
  const files = new Map<string, string>();
  for (const [name, schema] of types) {
    const linked = mapSchema(schema, (part) =>
      part.$ref === undefined ? part : { ...part, $ref: fileRef(definitionName(part.$ref), api.name, catalog) },
    );
    files.set(`${api.schemas}/${name}.json`, canonicalJson({ $schema: DRAFT, title: name, ...linked }));
  }
  return files;
}

/** All types of an API and what they refer to, in one document. */
export function bundle({ types }: ApiSchemas, catalog: Catalog, title: string): string {
  const definitions: Record<string, Schema> = {};
  const add = (name: string): void => {
    if (definitions[name] !== undefined) return;
    const { schema } = lookUp(name, catalog);
    definitions[name] = schema;
    referencedNames(schema).forEach(add);
  };
  for (const name of types.keys()) add(name);
  return canonicalJson({ $schema: DRAFT, title, definitions });
}

/** @throws Error for a name that no API exports. */
export function lookUp(name: string, catalog: Catalog): { readonly schema: Schema; readonly api: string } {
  const found = catalog.get(name);
  if (found === undefined) throw new Error(`type ${name} is referred to, but no API exports it`);
  return found;
}

function fileRef(name: string, from: string, catalog: Catalog): string {
  const { api } = lookUp(name, catalog);
  return api === from ? `${name}.json` : `../${api}/${name}.json`;
}
