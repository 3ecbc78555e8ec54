/** The keywords of JSON Schema that releases of the app-server print. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly minLength?: number;
  readonly default?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

export type Side = "client" | "server";

/** One method of a release. */
export interface ReleaseMethod {
  readonly name: string;
  readonly kind: "request" | "notice";
  /** Who sends it. */
  readonly from: Side;
  /** Name of the type of its params; null: it has none. */
  readonly params: string | null;
  /** Name of the type of its result; null: it is not answered. */
  readonly result: string | null;
  /** Known only after the client has asked for it. */
  readonly isExperimental: boolean;
}

/** One release of an API, as its schemas tell. */
export interface ReleaseDocument {
  readonly release: string;
  readonly methods: readonly ReleaseMethod[];
  readonly types: Readonly<Record<string, Schema>>;
  /** As `Type.member`. */
  readonly experimentalMembers: readonly string[];
}

const DEFINITION = "#/definitions/";

/** The name of the type that a reference means. */
export function referencedType(reference: string): string {
  return reference.slice(DEFINITION.length);
}
