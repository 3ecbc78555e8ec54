import { expect, test } from "vitest";
import { calledAs } from "../src/called-as.ts";

const DOOR = "/srv/app/node_modules/.bin/holdfast";

test.each([
  ["on PATH", { PATH: "/bin:/srv/app/node_modules/.bin" }, "/", "holdfast"],
  ["below the folder", { PATH: "/bin" }, "/srv/app", "node_modules/.bin/holdfast"],
  ["in the folder", { PATH: "/bin" }, "/srv/app/node_modules/.bin", "./holdfast"],
  ["elsewhere", {}, "/srv/other", DOOR],
  ["called by npm from below", { INIT_CWD: "/srv/app/packages" }, "/srv/app", DOOR],
  [
    "called by npm from there",
    { INIT_CWD: "/srv/app", PATH: "/srv/app/node_modules/.bin" },
    "/srv/app",
    "node_modules/.bin/holdfast",
  ],
])("the program %s is named so that the name works", (_, env, cwd, name) => {
  expect(calledAs({ env, cwd }, DOOR)).toBe(name);
});
