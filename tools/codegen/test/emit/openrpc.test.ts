import { describe, expect, test } from "vitest";
import type { Api, Protocol } from "../../src/api.ts";
import { openRpc } from "../../src/emit/openrpc.ts";
import { object, row } from "../support.ts";

const protocol: Protocol = {
  release: "0.171.0",
  version: "1.2.3",
  roles: { client: "client", server: "executor" },
  tables: null,
  envelope: "Message",
  fixtures: "fixtures",
  code: null,
  docs: null,
};
const api: Api = {
  name: "one",
  description: "One API.",
  source: { kind: "authored", package: "one", files: [], brands: {} },
  schemas: "schemas/one",
  protocol,
};
const types = new Map([
  [
    "Params",
    {
      ...object({ a: { description: "An a.", type: "string" }, b: { $ref: "#/definitions/Result" } }),
      required: ["a"],
    },
  ],
  ["Result", object({})],
  ["Message", object({})],
]);
const source = {
  api,
  protocol,
  methods: [
    row("a/b", { errors: ["NotFound"] }),
    row("c", {
      kind: "notice" as const,
      from: "server" as const,
      params: null,
      result: null,
      family: null,
      experimental: true,
    }),
  ],
  types,
  schemas: "within",
  errors: { NotFound: { code: -32004, meaning: "not there" } },
  limits: [{ name: "ID_MAX", meaning: "Largest id.", keeper: "both", reference: 9223372036854775807n, holdfast: null }],
};
const document = JSON.parse(openRpc(source));

describe("the document of an API", () => {
  test("says which API it is, of which release, and where its messages are", () => {
    expect(document.info).toMatchObject({ title: "one", version: "1.2.3", description: "One API." });
    expect(document).toMatchObject({
      openrpc: "1.3.2",
      "x-release": "0.171.0",
      "x-roles": { client: "client", server: "executor" },
      "x-envelope": { $ref: "#/components/schemas/Message" },
      "x-fixtures": { accept: "fixtures/accept/", reject: "fixtures/reject/" },
    });
  });

  test("has every method with params, result, refusals, direction and age", () => {
    expect(document.methods).toEqual([
      {
        name: "a/b",
        paramStructure: "by-name",
        params: [
          { name: "a", description: "An a.", required: true, schema: { type: "string" } },
          { name: "b", required: false, schema: { $ref: "#/components/schemas/Result" } },
        ],
        result: { name: "Result", required: true, schema: { $ref: "#/components/schemas/Result" } },
        errors: [{ $ref: "#/components/errors/NotFound" }],
        "x-kind": "request",
        "x-from": "client",
        "x-params": { $ref: "#/components/schemas/Params" },
        "x-gate": "exec",
        "x-since": "0.142",
      },
      {
        name: "c",
        paramStructure: "by-name",
        params: [],
        "x-kind": "notice",
        "x-from": "server",
        "x-params": null,
        "x-gate": null,
        "x-since": "0.142",
        "x-experimental": true,
      },
    ]);
  });

  test("says whose each limit is, and keeps the digits of those that JSON parsers round", () => {
    expect(document["x-limits"]).toEqual({
      ID_MAX: { meaning: "Largest id.", keeper: "both", reference: "9223372036854775807", holdfast: null },
    });
  });

  test("may leave the types of an imported API where they are", () => {
    const outside = JSON.parse(openRpc({ ...source, schemas: "one.json" }));
    expect(outside.components).not.toHaveProperty("schemas");
    expect(outside.methods[0]["x-params"]).toEqual({ $ref: "one.json#/definitions/Params" });
  });
});
