import { userInfo } from "node:os";
import { expect, test } from "vitest";
import { environmentInfo } from "../../src/environment/environment-info.ts";

function infoOf(env: Readonly<Record<string, string | undefined>>) {
  return environmentInfo({ env, cwd: "/", version: "0.0.0", sandboxing: { isLikely: false } });
}

test.each([undefined, "", "relative"])(
  "a home and a temporary folder are known where the variables say %o",
  (value) => {
    const { userHomeDir, tempDir, temporaryDirectories } = infoOf({ HOME: value, TMPDIR: value });
    expect(userHomeDir).toBe(`file://${userInfo().homedir}`);
    expect(tempDir).toMatch(/^file:\/\/\/./);
    expect(temporaryDirectories).toEqual([]);
  },
);

test("they are those that the variables name", () => {
  const { userHomeDir, tempDir, temporaryDirectories } = infoOf({ HOME: "/home/a b", TMPDIR: "/var/t" });
  expect([userHomeDir, tempDir, temporaryDirectories]).toEqual([
    "file:///home/a%20b",
    "file:///var/t",
    ["file:///var/t"],
  ]);
});
