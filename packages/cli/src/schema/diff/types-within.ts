import { referencedType, type Schema } from "./release-document.ts";

/** The names of a type and of all that it is made of. */
export function typesWithin(root: string, types: Readonly<Record<string, Schema>>): ReadonlySet<string> {
  const found = new Set<string>();
  const left = [root];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    const schema = types[name];
    if (schema === undefined || found.has(name)) continue;
    found.add(name);
    left.push(...referencesIn(schema));
  }
  return found;
}

function referencesIn(schema: Schema): readonly string[] {
  if (schema.$ref !== undefined) return [referencedType(schema.$ref)];
  const { items, additionalProperties, properties = {}, oneOf = [], anyOf = [], allOf = [] } = schema;
  return [
    ...(items === undefined ? [] : [items]),
    ...(typeof additionalProperties === "object" ? [additionalProperties] : []),
    ...Object.values(properties),
    ...oneOf,
    ...anyOf,
    ...allOf,
  ].flatMap(referencesIn);
}
