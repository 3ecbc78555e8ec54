import { readFile, writeFile } from "node:fs/promises";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { BIN, holdfast, serve } from "../support/cli.ts";
import { farBox, WAYS } from "../support/far-box.ts";

async function env(args: readonly string[], variables: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = await holdfast(["env", ...args], { env: variables });
  return { code, stdout: stdout.toString(), stderr };
}

describe("an environment is reached by", () => {
  test.each(WAYS)("ssh: %s", async (way) => {
    await using home = await tempDir("codex-home-");
    await using box = await farBox(way);
    const variables = { ...box.env, HOLDFAST_URL: "", CODEX_HOME: home.path };
    expect(await env(["add", "box", "--url", "ssh://box", "--default"], variables)).toMatchObject({ code: 0 });
    const { code, stdout, stderr } = await env(["info", "--json"], variables);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ id: "box", address: "ssh://box", home: `file://${box.home()}` });
  });

  test("a unix socket, also the one of this user's executor in its usual place", async () => {
    await using folder = await tempDir("sockets-");
    const variables = { CODEX_HOME: folder.path, XDG_RUNTIME_DIR: folder.path };
    const named = `unix://${folder.join("named.sock")}`;
    await using _one = await serve({ args: ["--listen", named], env: variables });
    await using _usual = await serve({ args: ["--listen", "unix://"], env: variables });
    expect(await env(["add", "named", "--url", named], variables)).toMatchObject({ code: 0 });
    expect(await env(["add", "own", "--url", "unix://"], variables)).toMatchObject({ code: 0 });
    const { code, stdout } = await env(["list", "--check"], variables);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^named .* ready$/m);
    expect(stdout).toMatch(/^own .* ready$/m);
  });

  test("a command, which is not given the token of another", async () => {
    await using home = await tempDir("codex-home-");
    const trace = home.join("variables");
    const script = `env > '${trace}'; exec '${process.execPath}' '${BIN}' serve --listen stdio`;
    await writeFile(home.join("serve.sh"), script);
    const variables = { CODEX_HOME: home.path, HOLDFAST_TOKEN: "secret", MARK: "inherited" };
    const added = await env(["add", "box", "--program", `sh '${home.join("serve.sh")}'`, "--default"], variables);
    expect(added).toMatchObject({ code: 0 });
    expect(await env(["info"], variables)).toMatchObject({ code: 0 });
    const told = await until(() => readFile(trace, "utf8"));
    expect(told).toContain("MARK=inherited");
    expect(told).not.toContain("secret");
  });
});
