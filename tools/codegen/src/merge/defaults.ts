import type { Schema } from "../schema/json-schema.ts";

/**
 * What members mean that are absent, by their place (`Type.member`, `Type[tag=word].member`), as JSON. Those whose absence means null are
 * left out.
 *
 * @param releases - The types of each, oldest first: the newest that has a member says what it means.
 */
export function defaultsOf(releases: readonly ReadonlyMap<string, Schema>[]): Map<string, string> {
  const defaults = new Map<string, string>();
  for (const types of releases) {
    for (const [name, schema] of types) look(schema, name, defaults);
  }
  return defaults;
}

function look({ properties = {}, oneOf = [] }: Schema, place: string, defaults: Map<string, string>): void {
  for (const [name, member] of Object.entries(properties)) {
    const value = member.default;
    if (value === undefined || value === null) defaults.delete(`${place}.${name}`);
    else defaults.set(`${place}.${name}`, JSON.stringify(value));
  }
  for (const arm of oneOf) {
    const tag = Object.entries(arm.properties ?? {}).find(([, { enum: words }]) => words?.length === 1);
    if (tag !== undefined) look(arm, `${place}[${tag[0]}=${String(tag[1].enum?.[0])}]`, defaults);
  }
}
