import { chmod, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tempDir } from "@holdfast/testkit";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addEnvironment } from "../../../src/environments/file/add-environment.ts";
import { parseEnvironmentsFile } from "../../../src/environments/file/environments-file.ts";
import { withDefault, withEnvironment } from "../../../src/environments/file/environments-text.ts";

const PLACE = { file: "environments.toml", folder: "/codex" };
const BOX = { id: "box", url: "ws://box:7070" };

const HAND_WRITTEN = `# Machines that I use.

include_local = true # this one, too

# The big one.
[[environments]]
id = "big"   # never forget
url = 'ws://big:1'
`;

describe("an environment that is added", () => {
  test("stands behind the others, which stay as they are", () => {
    expect(withEnvironment(HAND_WRITTEN, BOX)).toBe(
      `${HAND_WRITTEN}\n[[environments]]\nid = "box"\nurl = "ws://box:7070"\n`,
    );
    expect(withEnvironment("", BOX)).toBe('[[environments]]\nid = "box"\nurl = "ws://box:7070"\n');
    expect(withEnvironment('default = "none"', BOX)).toBe(
      'default = "none"\n\n[[environments]]\nid = "box"\nurl = "ws://box:7070"\n',
    );
    expect(withEnvironment('default = "none"\r\n', BOX)).toBe(
      'default = "none"\r\n\r\n[[environments]]\r\nid = "box"\r\nurl = "ws://box:7070"\r\n',
    );
  });

  test("joins a list that is written on one line", () => {
    const added = '{ id = "box", url = "ws://box:7070" }';
    expect(withEnvironment("environments = [] # none\n", BOX)).toBe(`environments = [${added}] # none\n`);
    expect(withEnvironment('environments = [{ id = "a", program = "p" },\n]\n', BOX)).toBe(
      `environments = [{ id = "a", program = "p" }, ${added},\n]\n`,
    );
  });

  test("becomes the default where the file has one, or above all tables", () => {
    expect(withDefault('default = "a" # that\nx = 1\n', "b")).toBe('default = "b" # that\nx = 1\n');
    expect(withDefault(HAND_WRITTEN, "big")).toBe(
      HAND_WRITTEN.replace("this one, too\n", 'this one, too\ndefault = "big"\n'),
    );
    expect(withDefault('# File.\n\n# The one.\n[[environments]]\nid = "a"\n', "a")).toBe(
      '# File.\n\ndefault = "a"\n\n# The one.\n[[environments]]\nid = "a"\n',
    );
    expect(withDefault('# The one.\n[[environments]]\nid = "a"\n', "a")).toBe(
      'default = "a"\n\n# The one.\n[[environments]]\nid = "a"\n',
    );
    expect(withDefault("# nothing", "a")).toBe('# nothing\ndefault = "a"\n');
    expect(withDefault("include_local = true", "a")).toBe('include_local = true\ndefault = "a"\n');
  });

  test("reads back as it was given, whatever is in it", () => {
    const text = fc.string({ unit: "grapheme", minLength: 1 }).filter((each) => each.trim() !== "");
    const program = fc.record({
      program: text,
      args: fc.array(fc.string({ unit: "binary" })),
      env: fc.dictionary(text, text),
      initializeTimeoutSec: fc.integer({ min: 1, max: 1_000 }),
    });
    fc.assert(
      fc.property(program, ({ initializeTimeoutSec, ...entry }) => {
        const file = parseEnvironmentsFile(
          withEnvironment(HAND_WRITTEN, { id: "x", ...entry, initializeTimeoutSec }),
          PLACE,
        );
        expect(file.environments.at(-1)).toEqual({
          ...entry,
          id: "x",
          program: entry.program.trim(),
          initializeTimeoutMs: initializeTimeoutSec * 1_000,
        });
      }),
    );
  });
});

describe("a file", () => {
  test("is made for its owner alone, with its folder", async () => {
    await using home = await tempDir("codex-home-");
    const path = home.join("below/.codex/environments.toml");
    await addEnvironment(path, BOX, { isDefault: true });
    expect(await readFile(path, "utf8")).toBe(
      'default = "box"\n\n[[environments]]\nid = "box"\nurl = "ws://box:7070"\n',
    );
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(home.join("below/.codex"))).toEqual(["environments.toml"]);
  });

  test("keeps its mode and the link that leads to it, and is closed to others when a secret comes in", async () => {
    await using home = await tempDir("codex-home-");
    await mkdir(home.join("dotfiles"));
    await writeFile(home.join("dotfiles/environments.toml"), HAND_WRITTEN);
    await chmod(home.join("dotfiles/environments.toml"), 0o644);
    const path = home.join("environments.toml");
    await symlink("dotfiles/environments.toml", path);
    await addEnvironment(path, BOX);
    expect((await stat(path)).mode & 0o777).toBe(0o644);
    await addEnvironment(path, { id: "secret", url: "wss://box", bearerToken: 'se"cret' });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(home.join("dotfiles/environments.toml"), "utf8")).toContain(
      'auth_bearer_token = "se\\"cret"',
    );
    expect((await readdir(home.path)).sort()).toEqual(["dotfiles", "environments.toml"]);
  });

  test.each([
    [{ id: "big", url: "ws://x" }, "environment id `big` is duplicated"],
    [{ id: "local", url: "ws://x" }, "environment id `local` is reserved"],
    [{ id: "a b", url: "ws://x" }, "must contain only ASCII letters"],
    [{ id: "a", url: "http://x" }, "must use ws:// or wss://"],
    [{ id: "a" }, "must set exactly one of url or program"],
  ])("stays as it is when %j is refused", async (environment, message) => {
    await using home = await tempDir("codex-home-");
    const path = home.join("environments.toml");
    await writeFile(path, HAND_WRITTEN);
    await expect(addEnvironment(path, environment)).rejects.toThrow(message);
    expect(await readFile(path, "utf8")).toBe(HAND_WRITTEN);
    expect(await readdir(home.path)).toEqual(["environments.toml"]);
  });

  test("that is refused already is not touched", async () => {
    await using home = await tempDir("codex-home-");
    const path = home.join("environments.toml");
    await writeFile(path, "default = 5\n");
    await expect(addEnvironment(path, BOX)).rejects.toThrow("failed to parse environment config");
    expect(await readFile(path, "utf8")).toBe("default = 5\n");
  });

  test("that many add to at the same time has all of them, and nothing is left beside it", async () => {
    await using home = await tempDir("codex-home-");
    const path = home.join("environments.toml");
    const ids = ["a", "b", "c", "d", "e", "f"];
    await Promise.all(ids.map((id) => addEnvironment(path, { id, url: "ws://x" })));
    const { environments } = parseEnvironmentsFile(await readFile(path, "utf8"), PLACE);
    expect(environments.map(({ id }) => id).sort()).toEqual(ids);
    expect(await readdir(home.path)).toEqual(["environments.toml"]);
  });

  test("is not kept from others by who was killed while adding", async () => {
    await using home = await tempDir("codex-home-");
    const path = home.join("environments.toml");
    const lock = home.join(".environments.toml.lock");
    await writeFile(lock, "");
    await utimes(lock, new Date(0), new Date(0));
    await addEnvironment(path, BOX);
    expect(await readdir(home.path)).toEqual(["environments.toml"]);
  });
});
