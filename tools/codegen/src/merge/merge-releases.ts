import type { ImportedSource } from "../api.ts";
import { type ImportedTypes, methodsOf } from "../read/imported.ts";
import type { MethodTable } from "../read/method-table.ts";
import { readShape } from "../schema/read-shape.ts";
import type { Shape } from "../schema/shape.ts";
import { Types } from "../schema/types.ts";
import { mergeMethods } from "./merge-methods.ts";

/** What several releases of an API are together. */
export interface MergedApi {
  readonly types: Types;
  readonly methods: MethodTable;
}

/** Make one API of its releases, oldest first. */
export function mergeReleases(source: ImportedSource, releases: readonly ImportedTypes[]): MergedApi {
  const shapes = new Map<string, Shape>();
  for (const { types } of releases) {
    for (const [name, schema] of types) shapes.set(name, readShape(schema, name));
  }
  const methods = mergeMethods(releases.map((each) => ({ ...each, methods: methodsOf(source, each) })));
  return { types: new Types(shapes), methods };
}
