import { pathUriFromNative } from "@holdfast/path-uri";
import { expect, test } from "vitest";
import { Problems } from "../../src/transfer/problems.ts";
import { listRemoteEntries } from "../../src/transfer/remote-listing.ts";

const root = pathUriFromNative("/srv", "posix");
const file = (name: string) => ({ name, kind: "file", size: 1, mode: 0o644, modifiedAtUs: 0 }) as const;

test.each([
  ["the same page again and again", (): string[] => ["a", "b"]],
  ["pages with nothing in them", (): string[] => []],
])("a listing of an executor that answers %s ends with an error", async (_, namesOf) => {
  let asked = 0;
  const listTree = async () => {
    asked += 1;
    // Should it go on for ever, so that it is seen here.
    if (asked > 10) throw new Error("asked again");
    return { entries: namesOf().map(file), next: "b", problems: [] };
  };
  const told = { problems: new Problems(() => {}), signal: new AbortController().signal };
  await expect(listRemoteEntries({ listTree }, { root }, told)).rejects.toThrow(
    "the executor does not come to the end of its listing",
  );
});
