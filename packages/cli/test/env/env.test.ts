import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { tempDir } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, holdfast, serve } from "../support/cli.ts";

/** A home of Codex with this file, and what the command says there. */
async function codexHome(file?: string) {
  const home = await tempDir("codex-home-");
  if (file !== undefined) await writeFile(home.join("environments.toml"), file);
  return {
    path: home.path,
    file: home.join("environments.toml"),
    text: () => readFile(home.join("environments.toml"), "utf8"),
    async env(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
      const result = await holdfast(["env", ...args], { env: { CODEX_HOME: home.path, ...variables } });
      return { code: result.code, stdout: result.stdout.toString(), stderr: result.stderr };
    },
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

const FAR = (url: string) => `default = "far"\n\n[[environments]]\nid = "far"\nurl = "${url}"\n`;

describe("holdfast env list", () => {
  test("tells this machine alone where nothing is configured", async () => {
    await using home = await codexHome();
    expect(await home.env(["list"])).toEqual({
      code: 0,
      stdout: "ID     DEFAULT  ADDRESS\nlocal  *        inside this process\n",
      stderr: "",
    });
  });

  test("tells what the file has, the default first, without connecting or showing a secret", async () => {
    await using home = await codexHome(
      `${FAR("wss://user:secret@nowhere.invalid/?key=secret")}auth_bearer_token = "secret"\n[[environments]]\nid = "box"\nprogram = "/does/not/exist"\nargs = ["a"]\n`,
    );
    const { code, stdout } = await home.env(["list"], { CODEX_EXEC_SERVER_URL: "ws://ignored" });
    expect(code).toBe(0);
    expect(stdout).toBe(
      "ID     DEFAULT  ADDRESS\nfar    *        wss://***@nowhere.invalid/?***\nlocal           inside this process\nbox             /does/not/exist a\n",
    );
    expect(JSON.parse((await home.env(["list", "--json"])).stdout)).toEqual({
      source: "file",
      default: "far",
      environments: [
        { id: "far", isRemote: true, address: "wss://***@nowhere.invalid/?***", state: null, error: null },
        { id: "local", isRemote: false, address: "inside this process", state: null, error: null },
        { id: "box", isRemote: true, address: "/does/not/exist a", state: null, error: null },
      ],
    });
  });

  test("connects to each when that is asked for, and ends with 1 where one is not there", async () => {
    await using server = await serve();
    await using home = await codexHome(
      `${FAR(server.url)}[[environments]]\nid = "box"\nprogram = "${process.execPath}"\nargs = ["${BIN}", "serve", "--listen", "stdio"]\n`,
    );
    const all = await home.env(["list", "--check"]);
    expect(all).toMatchObject({ code: 0, stderr: "" });
    expect(all.stdout.match(/ready$/gm)).toHaveLength(3);
    await writeFile(home.file, FAR("ws://127.0.0.1:1/?key=secret"));
    const some = await home.env(["list", "--check"]);
    expect(some.code).toBe(1);
    expect(some.stdout).toMatch(/^far .* failed: exec-server connection attempt failed: .*ECONNREFUSED/m);
    expect(some.stdout).toMatch(/^local .* ready$/m);
    expect(some.stdout).not.toContain("secret");
  });

  test("has what a variable says where there is no file", async () => {
    await using home = await codexHome();
    const one = await home.env(["list", "--json"], { CODEX_EXEC_SERVER_URL: "ws://x" });
    expect(JSON.parse(one.stdout)).toMatchObject({
      source: "variable",
      default: "remote",
      environments: [{ id: "remote" }],
    });
    const none = await home.env(["list", "--json"], { CODEX_EXEC_SERVER_URL: "none" });
    expect(JSON.parse(none.stdout)).toEqual({ source: "variable", default: null, environments: [] });
    const own = await home.env(["list"], { CODEX_EXEC_SERVER_URL: "ws://x", HOLDFAST_URL: "ws://y" });
    expect(own.stdout).toContain("ws://y");
  });

  test("tells what is wrong with a file in one line, with its place", async () => {
    await using home = await codexHome('# File.\n[[environments]]\nid = "a"\nurl = "http://x"\n');
    expect(await home.env(["list"])).toEqual({
      code: 1,
      stdout: "",
      stderr: `holdfast env: ${home.file}:2: environment url \`http://x\` must use ws:// or wss://\n`,
    });
    await writeFile(home.file, "default = \n");
    expect((await home.env(["list"])).stderr).toMatch(
      /^holdfast env: failed to parse environment config `.*`: .* \(line 2, column 1\)\n$/,
    );
  });
});

describe("holdfast env info", () => {
  test("tells of the default, or of the one that is named", async () => {
    await using server = await serve();
    await using home = await codexHome(FAR(server.url));
    const far = await home.env(["info"]);
    expect(far).toMatchObject({ code: 0, stderr: "" });
    expect(far.stdout).toMatch(new RegExp(`^environment +far \\(the default\\)\nexecutor +${server.url}\nversion `));
    const local = await home.env(["info", "local", "--json"]);
    expect(JSON.parse(local.stdout)).toMatchObject({
      id: "local",
      isDefault: false,
      isRemote: false,
      address: "inside this process",
      platform: process.platform,
    });
  });

  test("tells that one is not there, or not known", async () => {
    await using home = await codexHome(FAR("ws://127.0.0.1:1"));
    const dead = await home.env(["info"]);
    expect(dead).toMatchObject({ code: 1, stdout: "" });
    expect(dead.stderr).toMatch(
      /^holdfast env: environment 'far' is not there: exec-server connection attempt failed: .*ECONNREFUSED.*\n$/,
    );
    expect((await home.env(["info", "fra"])).stderr).toBe(
      "holdfast env: unknown environment id 'fra'; perhaps 'far' is meant\n",
    );
    const none = await home.env(["info"], { HOLDFAST_URL: "none" });
    expect(none.code).toBe(1);
  });
});

describe("holdfast env add", () => {
  test("writes an entry that the next command uses", async () => {
    await using server = await serve();
    await using home = await codexHome("# Mine.\ninclude_local = false\n");
    const added = await home.env(["add", "far", "--url", server.url, "--default", "--connect-timeout", "1.5"]);
    expect(added).toEqual({ code: 0, stdout: "", stderr: `holdfast env: far is in ${home.file}\n` });
    expect(await home.text()).toBe(
      `# Mine.\ninclude_local = false\ndefault = "far"\n\n[[environments]]\nid = "far"\nurl = "${server.url}"\nconnect_timeout_sec = 1.5\n`,
    );
    expect((await home.env(["list", "--check"])).stdout).toMatch(/^far +\* .* ready$/m);
  });

  test("takes a program by its words, and starts it where it is told to", async () => {
    await using home = await codexHome();
    const words = `'${process.execPath}' "${BIN}" serve --listen stdio`;
    await mkdir(`${home.path}/in here`);
    const options = [
      "--cwd",
      `${home.path}/in here`,
      "--env",
      `HOME=${home.path}/somewhere`,
      "--initialize-timeout",
      "20",
    ];
    expect(await home.env(["add", "box", "--program", words, ...options])).toMatchObject({ code: 0 });
    expect(await home.text()).toBe(
      `[[environments]]\nid = "box"\nprogram = "${process.execPath}"\nargs = ["${BIN}", "serve", "--listen", "stdio"]\nenv = { HOME = "${home.path}/somewhere" }\ncwd = "${home.path}/in here"\ninitialize_timeout_sec = 20\n`,
    );
    const told = JSON.parse((await home.env(["info", "box", "--json"])).stdout);
    expect(told.cwd).toBe(`file://${home.path}/in%20here`);
    expect(told.home).toBe(`file://${home.path}/somewhere`);
  });

  test("writes a token that is in a file, and closes the file to others", async () => {
    await using home = await codexHome("");
    await writeFile(`${home.path}/token`, "secret\n", { mode: 0o600 });
    const added = await home.env(["add", "far", "--url", "wss://box", "--token-file", `${home.path}/token`], {
      HOLDFAST_TOKEN: "another",
    });
    expect(added).toMatchObject({ code: 0 });
    expect(await home.text()).toContain('auth_bearer_token = "secret"\n');
    expect((await stat(home.file)).mode & 0o777).toBe(0o600);
  });

  test.each([
    [["add"], 2, "missing argument ID"],
    [["add", "a"], 2, "env add needs --url or --program"],
    [["add", "a", "--url", "ws://x", "--program", "p"], 2, "env add needs --url or --program"],
    [["add", "a", "--url", "ws://x", "--cwd", "/"], 2, "--cwd goes with --program"],
    [["add", "a", "--program", "p", "--token-file", "f"], 2, "--token-file goes with --url"],
    [["add", "a", "--program", "p", "--env", "X"], 2, "--env must be NAME=VALUE, not 'X'"],
    [["add", "a", "--url", "http://x"], 1, "environment url `http://x` must use ws:// or wss://"],
    [["add", "local", "--url", "ws://x"], 1, "environment id `local` is reserved"],
    [["list", "--url", "ws://x"], 2, "--url is for add, not for list"],
    [["list", "x"], 2, "unexpected argument 'x': env info x looks at one"],
    [["frob"], 2, "'frob' is none of list, info, add"],
  ])("or refuses: %j", async (args, code, text) => {
    await using home = await codexHome();
    const result = await home.env(args);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(text);
    await expect(home.text()).rejects.toMatchObject({ code: "ENOENT" });
  });
});
