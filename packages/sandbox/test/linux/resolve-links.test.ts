import { expect, test } from "vitest";
import { followLinks, resolveLinks } from "../../src/linux/resolve-links.ts";
import { fakeFiles } from "../support/fake-files.ts";

const files = fakeFiles({
  "/srv/app/file": { text: "x" },
  "/home/ann/app": { link: "/srv/app" },
  "/home/ann/up": { link: "../../srv/./app/" },
  "/home/ann/twice": { link: "app/file" },
  "/home/ann/gone": { link: "/srv/gone/far" },
  "/home/ann/there": { link: "back" },
  "/home/ann/back": { link: "there" },
});

test.each([
  ["/srv/app/file", "/srv/app/file", [], undefined],
  ["/home/ann/app/file", "/srv/app/file", ["/home/ann/app"], undefined],
  ["/home/ann/up/file", "/srv/app/file", ["/home/ann/up"], undefined],
  ["/home/ann/twice", "/srv/app/file", ["/home/ann/twice", "/home/ann/app"], undefined],
  ["/home/ann/gone/x", "/srv/gone/far/x", ["/home/ann/gone"], "/srv/gone"],
  ["/srv/app/new/deep", "/srv/app/new/deep", [], "/srv/app/new"],
  ["/", "/", [], undefined],
])("the path %s leads to %s", (path, resolved, links, firstMissing) => {
  const found = resolveLinks(path, files);
  expect(followLinks(path, files)).toEqual(found);
  expect({ ...found, links: found.links.map((link) => link.path) }).toEqual({ path: resolved, links, firstMissing });
});

test("a loop of links is refused, or ends at its last link where that is asked for", () => {
  expect(() => resolveLinks("/home/ann/there/x", files)).toThrow(
    "too many symbolic links on the way to /home/ann/there/x",
  );
  const { path, links, firstMissing } = followLinks("/home/ann/there/x", files);
  expect([path, links.length, firstMissing]).toEqual(["/home/ann/there/x", 40, "/home/ann/there"]);
});
