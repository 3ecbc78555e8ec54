/** The part of JSON Schema that the wire types need. */
export interface Schema {
  $ref?: string;
  $schema?: string;
  $id?: string;
  title?: string;
  description?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  format?: string;
  contentEncoding?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  definitions?: Record<string, Schema>;
  propertyOrder?: string[];
}

/** Name of the definition that a reference inside one document points to. */
export function definitionName(ref: string): string {
  return decodeURIComponent(ref.replace(/^#\/definitions\//, ""));
}

/** Rebuild a schema from the inside out. */
export function mapSchema(schema: Schema, change: (schema: Schema) => Schema): Schema {
  const inner: Schema = { ...schema };
  if (schema.properties) inner.properties = mapValues(schema.properties, (value) => mapSchema(value, change));
  if (schema.definitions) inner.definitions = mapValues(schema.definitions, (value) => mapSchema(value, change));
  if (typeof schema.additionalProperties === "object") {
    inner.additionalProperties = mapSchema(schema.additionalProperties, change);
  }
  if (schema.items) inner.items = mapSchema(schema.items, change);
  if (schema.anyOf) inner.anyOf = schema.anyOf.map((option) => mapSchema(option, change));
  return change(inner);
}

/** Every name that a schema refers to, in order, once. */
export function referencedNames(schema: Schema): string[] {
  const names = new Set<string>();
  mapSchema(schema, (part) => {
    if (part.$ref !== undefined) names.add(definitionName(part.$ref));
    return part;
  });
  return [...names];
}

export function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
