import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { BYTE_MEMBERS } from "../src/byte-members.ts";

interface OpenRpc {
  readonly methods: readonly {
    readonly name: string;
    readonly params: readonly {
      readonly name: string;
      readonly schema: {
        readonly contentEncoding?: string;
        readonly anyOf?: readonly { readonly contentEncoding?: string }[];
      };
    }[];
  }[];
}

test("the members that may travel behind a message are those that hold base64, one for each method", async () => {
  const found: [string, string][] = [];
  for (const api of ["exec-server", "holdfast"]) {
    const file = new URL(`../../../schemas/${api}/openrpc.json`, import.meta.url);
    const { methods } = JSON.parse(await readFile(file, "utf8")) as OpenRpc;
    for (const { name: method, params } of methods) {
      for (const { name, schema } of params) {
        const isBase64 = [schema, ...(schema.anyOf ?? [])].some(({ contentEncoding }) => contentEncoding === "base64");
        if (isBase64) found.push([method, name]);
      }
    }
  }
  expect(found.length).toBeGreaterThan(10);
  expect(Object.entries(BYTE_MEMBERS).toSorted()).toEqual(found.toSorted());
});
