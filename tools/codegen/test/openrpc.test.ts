import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import { expect, test } from "vitest";

/** What the schema of OpenRPC documents says of the schemas in them. `schemas.test.ts` holds those against their own rules. */
const JSON_SCHEMA = "https://meta.json-schema.tools/schema";
const JSON_SCHEMA_REFERENCE = "https://meta.json-schema.tools/reference";

/** Its declarations are those of documents, not of what it exports. */
const { openrpcDocument } = createRequire(import.meta.url)("@open-rpc/meta-schema");

/** The rules of OpenRPC, which are written in a dialect that no validator is told to know. */
function openRpcRules() {
  const { $schema: _, ...rules } = openrpcDocument;
  const text = JSON.stringify(rules).replaceAll(/"https:\/\/meta\.json-schema\.tools[^"]*"/g, (reference) =>
    JSON.stringify(reference.includes("$ref") ? JSON_SCHEMA_REFERENCE : JSON_SCHEMA),
  );
  return new Ajv({ strict: false })
    .addSchema({ $id: JSON_SCHEMA, type: ["object", "boolean"] })
    .addSchema({ $id: JSON_SCHEMA_REFERENCE, type: "string" })
    .compile(JSON.parse(text));
}

function documentOf(api: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`../../../schemas/${api}/openrpc.json`, import.meta.url), "utf8"));
}

test.each(["exec-server", "holdfast"])("%s/openrpc.json keeps the rules of OpenRPC", (api) => {
  const isOpenRpc = openRpcRules();
  expect(isOpenRpc(documentOf(api)), JSON.stringify(isOpenRpc.errors)).toBe(true);
});

test("a document that breaks them is told from one that keeps them", () => {
  const isOpenRpc = openRpcRules();
  const { methods, ...rest } = documentOf("holdfast");
  expect(isOpenRpc(rest)).toBe(false);
  expect(isOpenRpc({ ...rest, methods, "not-an-extension": 1 })).toBe(false);
});
