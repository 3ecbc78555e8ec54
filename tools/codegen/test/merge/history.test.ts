import { describe, expect, test } from "vitest";
import { History } from "../../src/merge/history.ts";
import type { Schema } from "../../src/schema/json-schema.ts";
import { readShape } from "../../src/schema/read-shape.ts";
import { object } from "../support.ts";

const TEXT: Schema = { type: "string" };

function history(...releases: readonly Readonly<Record<string, Schema>>[]): History {
  return new History(
    releases.map((types, index) => ({
      release: String(index + 1),
      shapes: new Map(Object.entries(types).map(([name, schema]) => [name, readShape(schema, name)])),
    })),
  );
}

function kind(word: string, members: Record<string, Schema> = {}): Schema {
  return object({ type: { type: "string", enum: [word] }, ...members });
}

describe("the history of types", () => {
  const of = history(
    {
      A: object({ a: TEXT, gone: TEXT }),
      Word: { type: "string", enum: ["x"] },
      Kind: object({ type: TEXT, m: TEXT }),
      Old: TEXT,
    },
    {
      A: object({ a: TEXT, fresh: TEXT }),
      Word: { type: "string", enum: ["x", "y"] },
      Kind: { oneOf: [kind("p", { m: TEXT }), kind("q")] },
    },
    {
      A: { ...object({ a: TEXT, fresh: TEXT }), required: ["fresh"] },
      Word: { type: "string", enum: ["y"] },
      Kind: { oneOf: [kind("p", { m: TEXT, n: TEXT }), kind("r")] },
    },
  );

  test.each([
    ["A", "1", undefined],
    ["Old", "1", "2"],
    ["A.fresh", "2", undefined],
    ["A.gone", "1", "2"],
    ["Word=x", "1", "3"],
    ["Word=y", "2", undefined],
    ["Kind[type=q]", "1", "3"],
    ["Kind[type=p].m", "1", undefined],
    ["Kind[type=p].n", "3", undefined],
  ])("knows that %s is there since %s", (place, since, removedIn) => {
    expect(of.lifetime(place)).toEqual({ since, removedIn });
  });

  test("knows from when on a member is always there", () => {
    expect(["A.a", "A.fresh", "A.gone"].map((place) => of.requiredSince(place))).toEqual([undefined, "2", undefined]);
    expect(of.lifetime("A.nothing")).toBeUndefined();
  });
});
