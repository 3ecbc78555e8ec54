import type { MethodUnion } from "../api.ts";
import { referencedNames, type Schema } from "../schema/json-schema.ts";

/** What is on the wire and in no document of a release, written by hand. */
export interface UnlistedDocument {
  readonly definitions: Readonly<Record<string, Schema>>;
  /** Where it was seen. */
  readonly "x-source": string;
  readonly "x-methods": readonly UnlistedMethod[];
}

/** A method that no document of a release lists. */
export interface UnlistedMethod {
  readonly method: string;
  readonly kind: "request" | "notice";
  readonly from: "client" | "server";
  readonly params: string;
  readonly result: string | null;
  readonly releases: readonly string[];
}

/**
 * The types of a release with those of its unlisted methods, whose messages become arms of the unions of messages.
 *
 * @throws Error for a type or method that the release lists itself by now, or a type that is nowhere.
 */
export function withUnlisted(
  definitions: Readonly<Record<string, Schema>>,
  unlisted: UnlistedDocument,
  release: string,
  unions: readonly MethodUnion[],
): Record<string, Schema> {
  const all: Record<string, Schema> = { ...definitions };
  const add = (name: string): void => {
    const schema = unlisted.definitions[name];
    if (schema === undefined) {
      if (all[name] === undefined) throw new Error(`unlisted methods refer to ${name}, which release ${release} lacks`);
      return;
    }
    if (definitions[name] !== undefined) throw new Error(`type ${name} is listed by release ${release} itself`);
    if (all[name] !== undefined) return;
    all[name] = schema;
    referencedNames(schema).forEach(add);
  };
  for (const { method, kind, from, params, result, releases } of unlisted["x-methods"]) {
    if (!releases.includes(release)) continue;
    for (const name of [params, ...(result === null ? [] : [result])]) add(name);
    const union = unions.find((each) => each.kind === kind && each.from === from);
    const schema = union === undefined ? undefined : all[union.type];
    if (union === undefined || schema?.oneOf === undefined)
      throw new Error(`no union for the unlisted method ${method}`);
    if (schema.oneOf.some((arm) => arm.properties?.method?.enum?.includes(method))) {
      throw new Error(`method ${method} is listed by release ${release} itself`);
    }
    all[union.type] = { ...schema, oneOf: [...schema.oneOf, messageOf(kind, method, params)] };
  }
  return all;
}

function messageOf(kind: "request" | "notice", method: string, params: string): Schema {
  const members: Record<string, Schema> = {
    ...(kind === "request" ? { id: { $ref: "#/definitions/RequestId" } } : {}),
    method: { type: "string", enum: [method] },
    params: { $ref: `#/definitions/${params}` },
  };
  return { type: "object", properties: members, required: Object.keys(members) };
}
