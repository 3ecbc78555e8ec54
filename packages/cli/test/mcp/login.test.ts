import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { tempDir, until } from "@holdfast/testkit";
import { expect, test } from "vitest";
import { Cli, holdfast, lines } from "../support/cli.ts";

const SUPPORT = createRequire(import.meta.url)
  .resolve("@holdfast/mcp/package.json")
  .replace(/package\.json$/, "test/support/");

/** A program with an authorization server and an MCP server that asks for its tokens; it signs in where its stdin says. */
const SERVERS = `
import { createInterface } from "node:readline";
const { OAuthServer } = await import(process.argv[1] + "oauth-server.ts");
const { McpWebServer } = await import(process.argv[1] + "mcp-web-server.ts");
const { signIn } = await import(process.argv[1] + "browser.ts");
const as = await OAuthServer.open();
const mcp = await McpWebServer.open({ issuer: as.issuer });
console.log(mcp.url);
for await (const line of createInterface({ input: process.stdin })) {
  const [url, redirect] = line.split(" ");
  console.log((await signIn(url, redirect)).href);
}
process.exit();
`;

/** The servers, and the browser of a user. */
async function protectedServer() {
  const child = spawn(process.execPath, ["--input-type=module", "-e", SERVERS, SUPPORT], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const printed = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => (await printed.next()).value ?? "";
  const closed = once(child, "close");
  return {
    url: await line(),
    /** @returns Where the browser is sent back to. */
    async signIn(authorizationUrl: string): Promise<string> {
      const redirect = new URL(authorizationUrl).searchParams.get("redirect_uri");
      child.stdin.write(`${authorizationUrl} ${redirect}\n`);
      return await line();
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await closed;
    },
  };
}

test("a server that wants a login gets one, by the browser or by a pasted address, until it is forgotten", {
  timeout: 60_000,
}, async () => {
  await using server = await protectedServer();
  await using home = await tempDir();
  writeFileSync(home.join("config.toml"), `[mcp_servers.web]\nurl = "${server.url}"\n`);
  const env = { CODEX_HOME: home.path };
  const mcp = (...words: readonly string[]) => holdfast(["mcp", ...words], { env });
  const before = await mcp("list");
  expect(before.code).toBe(1);
  expect(before.stdout.toString()).toContain("not logged in. Run `holdfast mcp login web`.");
  for (const way of ["browser", "paste"]) {
    await using login = new Cli(["mcp", "login", "web"], { env, stdin: "open-pipe" });
    const [address = ""] = await until(() => {
      const printed = lines(login.stdout.toString());
      return printed.length > 0 && printed;
    });
    expect(login.stderr).toContain("open this in a browser");
    const back = await server.signIn(address);
    if (way === "browser") await fetch(back);
    else login.child.stdin?.write(`not this\n${back}\n`);
    expect(await login.result()).toMatchObject({ code: 0, stderr: expect.stringContaining("signed in to web") });
    expect(statSync(home.join(".credentials.json")).mode & 0o777).toBe(0o600);
    expect((await mcp("list")).stdout.toString()).toMatch(/^web +local +ready/m);
    expect(await mcp("logout", "web")).toMatchObject({ code: 0, stderr: "holdfast mcp: signed out of web\n" });
    expect((await mcp("list")).code).toBe(1);
  }
  expect(await mcp("logout", "web")).toMatchObject({ stderr: "holdfast mcp: nobody was signed in to web\n" });
});

test("a server that knows no login says so", async () => {
  await using home = await tempDir();
  writeFileSync(home.join("config.toml"), '[mcp_servers.own]\ncommand = "true"\n');
  const { code, stderr } = await holdfast(["mcp", "login", "own"], { env: { CODEX_HOME: home.path } });
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr:
      "holdfast mcp: failed to login to MCP server 'own': OAuth login is only supported for streamable HTTP servers.\n",
  });
  expect(existsSync(home.join(".credentials.json"))).toBe(false);
});

test.each([
  ['mcp_oauth_credentials_store = "keyring"', "is keyring, which is not supported: logins are kept in a file"],
  ["mcp_oauth_callback_port = 0", "invalid MCP OAuth callback port `0`: port must be between 1 and 65535"],
])("a login is not begun with %s", async (line, words) => {
  await using home = await tempDir();
  writeFileSync(home.join("config.toml"), `${line}\n[mcp_servers.web]\nurl = "http://127.0.0.1:9/mcp"\n`);
  const { code, stderr } = await holdfast(["mcp", "login", "web"], { env: { CODEX_HOME: home.path } });
  expect({ code, stderr: stderr.toString() }).toEqual({ code: 1, stderr: expect.stringContaining(words) });
});
