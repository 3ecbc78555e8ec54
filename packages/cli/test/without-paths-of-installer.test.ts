import { describe, expect, test } from "vitest";
import { withoutPathsOfInstaller } from "../src/without-paths-of-installer.ts";

const STORE = "/srv/app/node_modules/.pnpm";
const PACKAGE = `${STORE}/holdfast@1.0.0/node_modules/holdfast`;
const ADDED = [`${PACKAGE}/node_modules`, `${STORE}/holdfast@1.0.0/node_modules`, `${STORE}/node_modules`].join(":");

function pathsOf(nodePath: string | undefined, folder = PACKAGE) {
  return withoutPathsOfInstaller({ HOME: "/root", NODE_PATH: nodePath }, () => folder);
}

describe("NODE_PATH of the script that pnpm makes", () => {
  test("does not reach commands", () => {
    expect(pathsOf(ADDED)).toEqual({ HOME: "/root" });
  });

  test("is taken from in front of the user's own, which stays", () => {
    expect(pathsOf(`${ADDED}:/opt/modules:${STORE}/node_modules`)).toMatchObject({
      NODE_PATH: `/opt/modules:${STORE}/node_modules`,
    });
  });

  test.each(["/opt/modules", "/srv/app/node_modules", ""])("of the user is left alone: '%s'", (own) => {
    expect(pathsOf(own)).toEqual({ HOME: "/root", NODE_PATH: own });
  });

  test("is not there where no pnpm installed the package", () => {
    expect(pathsOf("/usr/lib/node_modules", "/usr/lib/node_modules/holdfast")).toMatchObject({
      NODE_PATH: "/usr/lib/node_modules",
    });
  });
});
