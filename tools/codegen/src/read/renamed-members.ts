import type { ImportedSource } from "../api.ts";
import type { Schema } from "../schema/json-schema.ts";

/**
 * The types of a release with the members that its document names otherwise than its messages do, under the names of the messages.
 *
 * @throws Error for a member that the document does not name that way, which is to be taken off the list then.
 */
export function withRenamedMembers(
  types: ReadonlyMap<string, Schema>,
  { renamedMembers }: Pick<ImportedSource, "renamedMembers">,
  release: string,
): Map<string, Schema> {
  const all = new Map(types);
  for (const [type, { members }] of Object.entries(renamedMembers)) {
    const schema = types.get(type);
    if (schema === undefined) continue;
    const found = new Set<string>();
    all.set(type, renamed(schema, members, found));
    const gone = Object.keys(members).find((name) => !found.has(name));
    if (gone !== undefined) throw new Error(`type ${type} of release ${release} has no member ${gone} to be renamed`);
  }
  return all;
}

function renamed(schema: Schema, members: Readonly<Record<string, string>>, found: Set<string>): Schema {
  const nameOf = (name: string): string => {
    const other = Object.hasOwn(members, name) ? members[name] : undefined;
    if (other !== undefined) found.add(name);
    return other ?? name;
  };
  const { properties, required, oneOf } = schema;
  return {
    ...schema,
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, member]) => [nameOf(name), member])) }),
    ...(required === undefined ? {} : { required: required.map(nameOf) }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map((arm) => renamed(arm, members, found)) }),
  };
}
