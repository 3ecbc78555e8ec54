import { readFileSync } from "node:fs";
import { MAX_ENTRIES } from "@holdfast/permission-profile";
import * as validators from "@holdfast/permission-profile/zod";
import { expect, test } from "vitest";
import * as z from "zod";
import { sandboxPolicySchema } from "../src/legacy/sandbox-policy-schema.ts";

/*
 * The types are authored, and so are their validators, because these refuse in the words of other peers and read older words. What
 * keeps the two from growing apart is the JSON Schema that is generated from the types.
 */

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/** What validators take otherwise than the schema of a type says, by the name of the type. */
const READ_OTHERWISE: Readonly<Record<string, (schema: Schema) => Schema>> = {
  FileSystemAccessMode: (schema) => ({ ...schema, enum: [...(schema.enum ?? []), "none"] }),
  ProjectRootsSpecialPath: (schema) =>
    withMember(schema, "kind", { enum: ["project_roots", "current_working_directory"] }),
  // Counted before any of them is read; a whole number above zero is told from others by a check of its own.
  RestrictedFileSystemPermissions: (schema) =>
    withMember(
      withMember(schema, "entries", { type: "array", items: {}, maxItems: MAX_ENTRIES }),
      "glob_scan_max_depth",
      { type: ["number", "null"] },
    ),
};

function withMember(schema: Schema, name: string, member: Schema): Schema {
  return { ...schema, properties: { ...schema.properties, [name]: member } };
}

function generated(name: string): Schema {
  const file = new URL(`../../../schemas/permission-profile/${name}.json`, import.meta.url);
  const schema = JSON.parse(readFileSync(file, "utf8")) as Schema;
  return READ_OTHERWISE[name]?.(schema) ?? schema;
}

/** One form for schemas that take the same: references followed, words and nulls in one spelling, nothing that only describes. */
function meaningOf(schema: Schema): unknown {
  if (schema.$ref !== undefined) return meaningOf(generated(schema.$ref.replace(/\.json$/, "")));
  const arms = (schema.anyOf ?? schema.oneOf)?.map(meaningOf);
  if (arms !== undefined) return { arms: arms.length === 2 && arms[1] === "null" ? [arms[0], "null"] : arms };
  if (Array.isArray(schema.type)) return { arms: schema.type.map((type) => meaningOf({ ...schema, type })) };
  const words = "const" in schema ? [schema.const] : schema.enum;
  if (words !== undefined) return { words };
  if (schema.type === "array") return { items: meaningOf(schema.items ?? {}), maxItems: schema.maxItems };
  if (schema.type !== "object") return schema.type ?? "anything";
  const members = Object.entries(schema.properties ?? {}).map(([name, member]) => [name, meaningOf(member)] as const);
  return { members: Object.fromEntries(members), required: [...(schema.required ?? [])].sort() };
}

const VALIDATORS: Readonly<Record<string, z.ZodType>> = {
  FileSystemAccessMode: validators.fileSystemAccessModeSchema,
  FileSystemPath: validators.fileSystemPathSchema,
  FileSystemPermissions: validators.fileSystemPermissionsSchema,
  FileSystemPolicyContext: validators.fileSystemPolicyContextSchema,
  FileSystemSandboxContext: validators.fileSystemSandboxContextSchema,
  FileSystemSandboxEntry: validators.fileSystemSandboxEntrySchema,
  FileSystemSpecialPath: validators.fileSystemSpecialPathSchema,
  NetworkSandboxPolicy: validators.networkSandboxPolicySchema,
  PermissionProfile: validators.permissionProfileSchema,
  SandboxPolicy: sandboxPolicySchema,
};

test.each(Object.entries(VALIDATORS))(
  "the validator of %s takes what its type says, and besides that only what is listed here",
  (name, validator) => {
    const read = z.toJSONSchema(validator, { io: "input", target: "draft-7", unrepresentable: "any" }) as Schema;
    expect(meaningOf(read)).toEqual(meaningOf(generated(name)));
  },
);

test("every validator that is exported is compared with its type", () => {
  const compared = new Set(Object.values(VALIDATORS));
  expect(Object.values(validators).filter((validator) => !compared.has(validator))).toEqual([]);
});
