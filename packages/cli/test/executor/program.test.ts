import { describe, expect, test } from "vitest";
import { BIN, holdfast, lines } from "../support/cli.ts";

const SERVE = `'${process.execPath}' '${BIN}' serve --listen stdio`;

describe("an executor behind a command", () => {
  test("runs what it is asked to, and its command gets its words without a shell", async () => {
    const { code, stdout } = await holdfast(["exec", "--program", SERVE, "--", "sh", "-c", "cat; exit 3"], {
      stdin: "hello\n",
    });
    expect([code, stdout.toString()]).toEqual([3, "hello\n"]);
  });

  test.each([
    ["no-such-program --at all", /cannot start no-such-program: .*ENOENT; is the command right, and installed here\?$/],
    ["sh -c 'echo no box of that name >&2; exit 3'", /exited with code 3: no box of that name/],
  ])("%s is told in one line", async (program, message) => {
    const { code, stderr } = await holdfast(["info", "--program", program]);
    expect([code, lines(stderr)]).toEqual([1, [expect.stringMatching(message)]]);
  });
});
