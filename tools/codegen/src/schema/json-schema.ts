/** JSON Schema as it is read, before {@link readShape} has said what of it the generator understands. */
export interface Schema {
  $ref?: string;
  $schema?: string;
  $id?: string;
  title?: string;
  description?: string;
  default?: unknown;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  format?: string;
  contentEncoding?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  minItems?: number;
  maxItems?: number;
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
  const each = (schemas: Schema[]) => schemas.map((one) => mapSchema(one, change));
  if (schema.properties) inner.properties = mapValues(schema.properties, (value) => mapSchema(value, change));
  if (schema.definitions) inner.definitions = mapValues(schema.definitions, (value) => mapSchema(value, change));
  if (typeof schema.additionalProperties === "object") {
    inner.additionalProperties = mapSchema(schema.additionalProperties, change);
  }
  if (schema.items) inner.items = mapSchema(schema.items, change);
  if (schema.anyOf) inner.anyOf = each(schema.anyOf);
  if (schema.oneOf) inner.oneOf = each(schema.oneOf);
  if (schema.allOf) inner.allOf = each(schema.allOf);
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
