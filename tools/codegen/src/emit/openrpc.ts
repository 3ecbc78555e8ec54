import type { Api, Protocol } from "../api.ts";
import { canonicalJson } from "../canonical-json.ts";
import type { Limits } from "../read/limits.ts";
import type { MethodTable, MethodTableRow } from "../read/method-table.ts";
import { definitionName, mapSchema, mapValues, type Schema } from "../schema/json-schema.ts";

/** What the document of an API is made of. */
export interface OpenRpcSource {
  readonly api: Api;
  readonly protocol: Protocol;
  readonly methods: MethodTable;
  /** Every type that a method or the envelope refers to, with references as `#/definitions/NAME`. */
  readonly types: ReadonlyMap<string, Schema>;
  /** Where the document finds types: within itself, or in another file next to it. */
  readonly schemas: "within" | string;
  /** Codes that cross the wire. */
  readonly errors: Readonly<Record<string, { readonly code: number; readonly meaning: string }>>;
  readonly limits: Limits;
}

/**
 * The one document that an author in another language starts from, in the form of OpenRPC. What OpenRPC has no word for is in
 * members that begin with `x-`; `schemas/README.md` explains them.
 */
export function openRpc(source: OpenRpcSource): string {
  const { api, protocol, methods, types, errors, limits } = source;
  const within = source.schemas === "within";
  const linked = (schema: Schema): Schema =>
    mapSchema(schema, (part) =>
      part.$ref === undefined ? part : { ...part, ...refTo(source, definitionName(part.$ref)) },
    );
  return canonicalJson({
    openrpc: "1.3.2",
    info: {
      title: api.name,
      version: protocol.version,
      description: api.description,
      license: { name: "Apache-2.0" },
    },
    "x-release": protocol.release,
    "x-roles": protocol.roles,
    "x-envelope": refTo(source, protocol.envelope),
    ...(protocol.fixtures === null
      ? {}
      : { "x-fixtures": { accept: `${protocol.fixtures}/accept/`, reject: `${protocol.fixtures}/reject/` } }),
    methods: methods.map((row) => method(row, source, linked)),
    components: {
      ...(within ? { schemas: mapValues(Object.fromEntries(types), linked) } : {}),
      errors: mapValues(errors, ({ code, meaning }) => ({ code, message: meaning })),
    },
    "x-limits": Object.fromEntries(
      limits.map(({ name, meaning, keeper, reference, holdfast }) => [
        name,
        { meaning, keeper, reference: exact(reference), holdfast: exact(holdfast) },
      ]),
    ),
  });
}

function method(row: MethodTableRow, source: OpenRpcSource, linked: (schema: Schema) => Schema): unknown {
  const { kind, from, params, result, family, since, errors } = row;
  return {
    name: row.method,
    paramStructure: "by-name",
    params: params === null ? [] : members(source.types.get(params), linked),
    ...(result === null ? {} : { result: { name: result, required: true, schema: refTo(source, result) } }),
    ...(errors.length === 0 ? {} : { errors: errors.map((name) => ({ $ref: `#/components/errors/${name}` })) }),
    "x-kind": kind,
    "x-from": from,
    "x-params": params === null ? null : refTo(source, params),
    "x-gate": family,
    "x-since": since,
    ...(row.removedIn === undefined ? {} : { "x-removed-in": row.removedIn }),
    ...(row.experimental === true ? { "x-experimental": true } : {}),
  };
}

/** The members of the params, where they are a plain record. `x-params` says everything about them in any case. */
function members(schema: Schema | undefined, linked: (schema: Schema) => Schema): unknown[] {
  const required = schema?.required ?? [];
  return Object.entries(schema?.properties ?? {}).map(([name, member]) => {
    const { description, ...rest } = linked(member);
    return {
      name,
      ...(description === undefined ? {} : { description }),
      required: required.includes(name),
      schema: rest,
    };
  });
}

function refTo({ schemas }: OpenRpcSource, name: string): { $ref: string } {
  return { $ref: schemas === "within" ? `#/components/schemas/${name}` : `${schemas}#/definitions/${name}` };
}

/** Numbers that JSON parsers round are written as text. */
function exact(value: number | bigint | null): number | string | null {
  return typeof value === "bigint" ? String(value) : value;
}
