import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { carriedByShell, refuseBytes } from "../src/command-line/byte-words.ts";
import { BIN, lines, serve, testEnvironment } from "./support/cli.ts";

/** Run a script of bytes with Node and the program in `$0` and `$1`: no string here can hold them. */
function byShell(script: string) {
  const args = ["-c", script, process.execPath, BIN];
  return spawnSync("sh", args, { env: testEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
}

const VARIABLE = `X=$(printf 'a\\351b') export X`;
const SHOW = `sh -c 'printf %s "$X" | od -An -tx1'`;

describe("a variable that is no UTF-8", () => {
  test.each(["exec", "exec --tty", "sandbox --profile none"])("reaches the commands of %s byte for byte", (command) => {
    const { stdout } = byShell(`${VARIABLE}; exec "$0" "$1" ${command} -- ${SHOW}`);
    expect(stdout.toString().trim()).toBe("61 e9 62");
  });
});

describe("an argument that is no UTF-8", () => {
  const argument = `"$(printf '\\377x\\351\\n.')"`;

  test("reaches the command byte for byte, with the others as they are", () => {
    const { stdout } = byShell(`exec "$0" "$1" exec -- printf '%s|' 'a  b' '$HOME' ${argument} "it's"`);
    expect(stdout).toEqual(Buffer.from("a  b|$HOME|\xffx\xe9\n.|it's|", "latin1"));
  });

  test("reaches it on an executor elsewhere too", async () => {
    await using server = await serve();
    const { stdout } = byShell(`exec "$0" "$1" exec --url ${server.url} -- printf %s ${argument}`);
    expect(stdout).toEqual(Buffer.from("\xffx\xe9\n.", "latin1"));
  });

  test("leaves the command its own exit code", () => {
    expect(byShell(`exec "$0" "$1" exec -- sh -c 'exit 7' ${argument}`).status).toBe(7);
  });

  test.each([`cp ${argument} remote:/tmp/x`, `exec --cwd ${argument} -- ls`, `sandbox --explain ${argument}`])(
    "is refused in one line where a text has to be: %s",
    (words) => {
      const { status, stderr } = byShell(`exec "$0" "$1" ${words}`);
      expect(status).toBe(words.startsWith("cp") ? 2 : 255);
      expect(lines(stderr.toString())).toEqual([expect.stringMatching(/: argument \d is no UTF-8 text, and /)]);
    },
  );
});

describe("a command of text", () => {
  test("is carried as it is", () => {
    expect(carriedByShell(["printf", "%s", "né🚀", ""])).toEqual(["printf", "%s", "né🚀", ""]);
    expect(() => refuseBytes(["né🚀"])).not.toThrow();
  });
});
