import type { Api } from "../api.ts";
import type { Schema } from "../schema/json-schema.ts";

/** The schemas of one API, by type name, with references as `#/definitions/NAME`. */
export interface ApiSchemas {
  readonly api: Api;
  /** Files that they were read from, relative to the root. */
  readonly files: readonly string[];
  readonly types: ReadonlyMap<string, Schema>;
}
