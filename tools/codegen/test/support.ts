import type { CodeSettings } from "../src/api.ts";
import type { MethodTableRow } from "../src/read/method-table.ts";
import type { Schema } from "../src/schema/json-schema.ts";
import { readShape } from "../src/schema/read-shape.ts";
import { Types } from "../src/schema/types.ts";

export function row(method: string, change: Partial<MethodTableRow> = {}): MethodTableRow {
  return {
    method,
    kind: "request",
    from: "client",
    params: "Params",
    result: "Result",
    family: "exec",
    since: "0.142",
    replay: "never",
    errors: [],
    ...change,
  };
}

export function object(properties: Record<string, Schema>): Schema {
  return { type: "object", properties, required: Object.keys(properties) };
}

/** The types by name, and one named `Result` without members unless it is among them. */
export function typesOf(types: Readonly<Record<string, Schema>>): Types {
  const all = Object.entries({ Result: object({}), ...types });
  return new Types(new Map(all.map(([name, schema]) => [name, readShape(schema, name)])));
}

export const settings: CodeSettings = {
  split: "whole",
  agreement: "test",
  kit: "@holdfast/protocol-kit",
  types: "../types.ts",
  received: "../received.ts",
  metadata: null,
  unknownWords: "refused",
  quick: ["notices", "results", "params"],
  foreign: { PathUriText: { from: "@holdfast/path-uri/zod", name: "pathUriSchema" } },
  byHand: { StringMap: "stringMap" },
  lateBase64: ["Params.content"],
};
