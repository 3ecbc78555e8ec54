import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Api, ImportedRelease, ImportedSource } from "../api.ts";
import { definitionName, type Schema } from "../schema/json-schema.ts";
import type { ApiSchemas } from "./api-schemas.ts";
import type { ImportedDocument } from "./canonical-import.ts";
import type { MethodTable, MethodTableRow } from "./method-table.ts";
import { withRenamedMembers } from "./renamed-members.ts";
import { type UnlistedDocument, withUnlisted } from "./unlisted.ts";

/** One release of an imported API: its types by name, and what of it is experimental. */
export interface ImportedTypes extends ApiSchemas {
  readonly release: string;
  /** Methods that peers know only after both have said so. */
  readonly experimental: readonly string[];
  /** Members of the same kind, as `Type.member`, and arms, as `Type[tag=word]`. */
  readonly experimentalMembers: readonly string[];
}

/** The types of one release, from its canonical copy. */
export function importedTypes(root: string, api: Api, { release, document }: ImportedRelease): ImportedTypes {
  const copy = JSON.parse(readFileSync(join(root, document), "utf8")) as ImportedDocument;
  if (copy.definitions === undefined) throw new Error(`${document} has no definitions`);
  return {
    api: { ...api, schemas: `${api.schemas}/${release}` },
    release,
    files: [document],
    types: new Map(Object.entries(copy.definitions)),
    experimental: copy["x-experimental"],
    experimentalMembers: copy["x-experimental-members"],
  };
}

/** A release with what is on the wire and in no document, or under another name there. */
export function withUnlistedMethods(root: string, source: ImportedSource, imported: ImportedTypes): ImportedTypes {
  const unlisted = JSON.parse(readFileSync(join(root, source.unlisted), "utf8")) as UnlistedDocument;
  const types = withUnlisted(Object.fromEntries(imported.types), unlisted, imported.release, source.unions);
  return {
    ...imported,
    files: [...imported.files, source.unlisted],
    types: withRenamedMembers(new Map(Object.entries(types)), source, imported.release),
  };
}

/** The method table of one release. Exceptions for methods of other releases say nothing here. */
export function methodsOf(
  source: ImportedSource,
  { types, release, experimental }: Omit<ImportedTypes, "api">,
): MethodTable {
  const listed = new Set(
    source.unions
      .flatMap(({ type }) => types.get(type)?.oneOf ?? [])
      .flatMap(({ properties }) => properties?.method?.enum ?? []),
  );
  const exceptions = Object.entries(source.resultExceptions).filter(([method]) => listed.has(method));
  const rows = importedMethods({ ...source, resultExceptions: Object.fromEntries(exceptions) }, types, release);
  return rows.map((row) => (experimental.includes(row.method) ? { ...row, experimental: true } : row));
}

/**
 * The method table of an imported API: one row for each arm of its unions of messages.
 *
 * @throws Error that names the method whose params or result can not be told, or that is there twice.
 */
export function importedMethods(
  source: ImportedSource,
  types: ReadonlyMap<string, Schema>,
  since: string,
): MethodTable {
  const rows = source.unions.flatMap((union) => {
    const schema = types.get(union.type);
    if (schema?.oneOf === undefined) throw new Error(`type ${union.type} is no union of messages`);
    return schema.oneOf.map((arm, index): MethodTableRow => {
      const place = `${union.type} at oneOf[${index}]`;
      const method = methodOf(arm, place);
      const params = paramsOf(arm, place);
      const result = union.kind === "request" ? resultOf(method, params, source, types) : null;
      return {
        method,
        kind: union.kind,
        from: union.from,
        params,
        result,
        family: null,
        since,
        replay: union.kind === "request" ? (source.repeatable.includes(method) ? "always" : "never") : null,
        errors: [],
        ...(params !== null && isOptional(arm) ? { optionalParams: true } : {}),
      };
    });
  });
  const known = new Set<string>();
  for (const { method } of rows) {
    if (known.has(method)) throw new Error(`method ${method} is there twice`);
    known.add(method);
  }
  for (const method of Object.keys(source.resultExceptions)) {
    if (!known.has(method)) throw new Error(`method ${method} has a result of its own, but is in no union of messages`);
  }
  return rows;
}

function methodOf(arm: Schema, place: string): string {
  const [method, ...more] = arm.properties?.method?.enum ?? [];
  if (typeof method !== "string" || more.length > 0) throw new Error(`${place} has no method`);
  return method;
}

/** Null for a method without params. Params that may be left out count as params. */
function paramsOf(arm: Schema, place: string): string | null {
  const params = arm.properties?.params;
  if (params === undefined || params.type === "null") return null;
  const [only, ...more] = (params.anyOf ?? [params]).filter(({ type }) => type !== "null");
  if (only?.$ref === undefined || more.length > 0) throw new Error(`${place} has params that are no type`);
  return definitionName(only.$ref);
}

/** Whether params may be left out: they are not required, and may be null. */
function isOptional(arm: Schema): boolean {
  const { anyOf } = arm.properties?.params ?? {};
  return arm.required?.includes("params") !== true && anyOf?.some(({ type }) => type === "null") === true;
}

function resultOf(
  method: string,
  params: string | null,
  { resultOf: rule, resultExceptions }: ImportedSource,
  types: ReadonlyMap<string, Schema>,
): string {
  const result = Object.hasOwn(resultExceptions, method)
    ? resultExceptions[method]
    : resultByRule(method, params, rule);
  if (result === undefined || !types.has(result)) {
    throw new Error(`method ${method} has no result: there is no type ${result}`);
  }
  return result;
}

function resultByRule(method: string, params: string | null, rule: ImportedSource["resultOf"]): string {
  if (params === null) throw new Error(`method ${method} has no params to name its result by: it needs an exception`);
  if (!params.endsWith(rule.params)) {
    throw new Error(
      `method ${method} has no result: ${params} does not end in ${rule.params}, so it needs an exception`,
    );
  }
  return params.slice(0, -rule.params.length) + rule.result;
}
