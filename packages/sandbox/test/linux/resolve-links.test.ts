import { expect, test } from "vitest";
import { resolveLinks } from "../../src/linux/resolve-links.ts";
import { fakeFiles } from "../support/fake-files.ts";

const files = fakeFiles({
  "/srv/app/file": { text: "x" },
  "/home/ann/app": { link: "/srv/app" },
  "/home/ann/up": { link: "../../srv/./app/" },
  "/home/ann/twice": { link: "app/file" },
  "/home/ann/gone": { link: "/srv/gone/far" },
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
  expect({ ...found, links: found.links.map((link) => link.path) }).toEqual({ path: resolved, links, firstMissing });
});
