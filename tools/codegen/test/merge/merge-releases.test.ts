import { expect, test } from "vitest";
import { schemaOfShape } from "../../src/emit/schema-of-shape.ts";
import { mergeReleases } from "../../src/merge/merge-releases.ts";
import { readShape } from "../../src/schema/read-shape.ts";
import { merged, source, wholeReleases } from "../app-server/generated.ts";

test("a place where releases differ in kind needs a reason, and a reason needs such a place", () => {
  expect(() => mergeReleases({ ...source, choices: {} }, wholeReleases)).toThrow(
    "ThreadItemsListResponse.data[] differs in kind between releases, and no reason is given for a choice of both",
  );
  expect(() =>
    mergeReleases({ ...source, choices: { ...source.choices, Thread: "it does not" } }, wholeReleases),
  ).toThrow("Thread does not differ in kind between releases, and a reason is given for it");
});

test("the document of all releases says what the types of all releases are", () => {
  const differs = merged.types.names().filter((name) => {
    const shape = merged.types.shape(name);
    return JSON.stringify(readShape(schemaOfShape(shape), name), plain) !== JSON.stringify(shape, plain);
  });
  // A word that is the name of a member as well: it is read as forms of which one fits.
  expect(differs).toEqual(["ReviewDecision"]);
});

function plain(_: string, value: unknown): unknown {
  return value instanceof Map ? [...value] : value;
}
