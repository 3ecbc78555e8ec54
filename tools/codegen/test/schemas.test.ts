import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";

const schemas = fileURLToPath(new URL("../../../schemas", import.meta.url));

/** What an author in another language has: files, and a validator that knows nothing of this repository. */
function validator(): Ajv {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true });
  for (const format of ["uint16", "uint32", "uint64", "int32", "int64", "uuid", "path-uri"])
    ajv.addFormat(format, true);
  return ajv;
}

function readJson(...path: readonly string[]) {
  return JSON.parse(readFileSync(join(schemas, ...path), "utf8"));
}

const APIS = ["path-uri", "permission-profile", "exec-server", "holdfast"];
/** Those with messages to try them on. */
const DOCUMENTS = ["exec-server", "holdfast"].map((api) => ({ api, openrpc: readJson(api, "openrpc.json") }));

interface Fixture {
  readonly release: string;
  readonly from: "client" | "server";
  readonly kind: string;
  readonly method: string;
  readonly message: Readonly<Record<string, unknown>>;
}

describe("the schemas", () => {
  test("find each other by their ids, wherever they are", () => {
    const ajv = validator();
    const all = APIS.flatMap((api) =>
      readdirSync(join(schemas, api))
        .filter((file) => file.endsWith(".json") && file !== "openrpc.json")
        .map((file) => readJson(api, file)),
    );
    for (const schema of all) ajv.addSchema(schema);
    for (const { $id } of all) expect(typeof ajv.getSchema($id), $id).toBe("function");
    expect(new Set(all.map(({ $id }) => $id)).size).toBe(all.length);
  });

  test("say nothing that only makes sense in TypeScript", () => {
    for (const api of APIS) {
      for (const file of readdirSync(join(schemas, api)).filter((name) => name.endsWith(".json"))) {
        expect(readFileSync(join(schemas, api, file), "utf8"), file).not.toMatch(
          /\bthis package\b|proof that|"format": "base64"/,
        );
      }
    }
  });

  test.each(DOCUMENTS)("take every message that was really sent: $api", ({ api, openrpc }) => {
    const ajv = validator();
    ajv.addVocabulary([
      "x-release",
      "x-roles",
      "x-envelope",
      "x-fixtures",
      "x-limits",
      "openrpc",
      "info",
      "methods",
      "components",
    ]);
    ajv.addSchema(openrpc, "openrpc");
    const methods = new Map(openrpc.methods.map((method: { name: string }) => [method.name, method]));
    const check = ($ref: string, value: unknown, where: string) => {
      const judge = ajv.compile({ $ref: `openrpc${$ref}` });
      expect([judge(value), ajv.errorsText(judge.errors)], where).toEqual([true, "No errors"]);
    };
    const folder = `${api}/${openrpc["x-fixtures"].accept}`;
    let count = 0;
    for (const file of readdirSync(join(schemas, folder))) {
      for (const { release, kind, method, message } of readJson(folder, file) as Fixture[]) {
        const where = `${file} of ${release}: ${JSON.stringify(message).slice(0, 300)}`;
        check(openrpc["x-envelope"].$ref, message, where);
        const row = methods.get(method) as {
          "x-params": { $ref: string } | null;
          result?: { schema: { $ref: string } };
        };
        if (row === undefined) continue;
        if (kind === "success") check(row.result?.schema.$ref ?? "", message.result, where);
        else if (kind !== "failure" && row["x-params"] !== null) check(row["x-params"].$ref, message.params, where);
        count++;
      }
    }
    expect(count).toBeGreaterThan(100);
  });

  test.each(DOCUMENTS)("name every code that was really answered with: $api", ({ api, openrpc }) => {
    const codes = Object.values(openrpc.components.errors as Record<string, { code: number }>).map(({ code }) => code);
    const folder = `${api}/${openrpc["x-fixtures"].accept}`;
    const failures = readdirSync(join(schemas, folder))
      .flatMap((file) => readJson(folder, file) as Fixture[])
      .filter(({ kind }) => kind === "failure");
    for (const { message } of failures) expect(codes).toContain((message.error as { code: number }).code);
  });
});
