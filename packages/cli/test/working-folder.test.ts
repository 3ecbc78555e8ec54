import { spawnSync } from "node:child_process";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, lines, serve, testEnvironment } from "./support/cli.ts";

/** Run the program in a folder that is gone by then. */
async function inGoneFolder(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  await using folder = await tempDir();
  const script = 'mkdir gone && cd gone && rmdir ../gone && exec "$@"';
  return spawnSync("sh", ["-c", script, "sh", process.execPath, BIN, ...args], {
    cwd: folder.path,
    env: { ...testEnvironment(), ...env },
    encoding: "utf8",
  });
}

describe("in a folder that is gone", () => {
  test.each([[["--help"]], [["exec", "--help"]], [["--version"]]])("%j works", async (args) => {
    expect(await inGoneFolder(args)).toMatchObject({ status: 0, stderr: "" });
  });

  test.each(["exec", "sandbox"])("%s works in the folder that --cwd names", async (command) => {
    const args = [command, "--cwd", "/", "--", "pwd"];
    expect(await inGoneFolder(args)).toMatchObject({ status: 0, stdout: "/\n", stderr: "" });
  });

  test("an executor elsewhere is of use", async () => {
    await using server = await serve({ cwd: "/" });
    const args = ["exec", "--url", server.url, "--", "pwd"];
    expect(await inGoneFolder(args)).toMatchObject({ status: 0, stdout: "/\n", stderr: "" });
  });

  test("so is one behind a program that goes to another folder", async () => {
    const program = `sh -c 'cd / && exec "$@"' sh ${process.execPath} ${BIN} serve --listen stdio`;
    const args = ["exec", "--program", program, "--", "pwd"];
    expect(await inGoneFolder(args, { HOLDFAST_BACKGROUND: "1" })).toMatchObject({
      status: 0,
      stdout: "/\n",
      stderr: "",
    });
  });

  test.each([
    [["exec", "--", "pwd"]],
    [["exec", "--cwd", "here", "--", "pwd"]],
    [["serve"]],
    [["info"]],
    [["doctor"]],
    [["cp", "a", "remote:/tmp/a"]],
    [["sandbox", "--explain", "a"]],
  ])("%j says so in one line", async (args) => {
    const { status, stdout, stderr } = await inGoneFolder(args);
    expect([status, stdout]).toEqual([args[0] === "exec" || args[0] === "sandbox" ? 255 : 1, ""]);
    expect(lines(stderr)).toEqual([expect.stringMatching(/^holdfast \w+: the folder that you are in is gone; /)]);
  });
});
