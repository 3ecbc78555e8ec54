import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect, type Sandbox, type SandboxRules } from "@holdfast/exec-client";
import { describe, expect, test } from "vitest";
import { serve } from "../support/cli.ts";
import { skipped, unconfinable, ungrantedDir } from "../support/confinement.ts";

/** A server on this machine, for what a command can reach of it. */
async function web() {
  const server = createServer((_, response) => response.end("hello"));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

/** Node is sure to be there, and asks the proxy of its environment, if there is one. */
const ASK = `
const http = require("node:http");
const { HTTP_PROXY } = process.env;
const via = HTTP_PROXY ? new URL(HTTP_PROXY) : undefined;
for (const url of process.argv.slice(1)) {
  const at = new URL(url);
  const { hostname: host, port } = via ?? at;
  // An agent of its own knows no proxy by itself.
  const options = { agent: new http.Agent(), host, port, path: via ? url : at.pathname, headers: { host: at.host } };
  http.get(options, (response) => console.log(at.hostname, response.statusCode)).on("error", (error) => console.log(at.hostname, error.code));
}`;

describe.skipIf(unconfinable !== undefined)(`a sandbox in words${skipped}`, () => {
  test("writes where its rules say, reads what they leave, and nothing else, for commands and for files", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    await using folder = await ungrantedDir();
    await mkdir(folder.join("work/.git"), { recursive: true });
    await mkdir(folder.join("out"));
    await writeFile(folder.join("work/key.pem"), "secret");
    await writeFile(folder.join("plain"), "plain");
    const cwd = folder.join("work");
    const sandbox: Sandbox = { write: [".", "../out"], deny: ["**/*.pem"] };
    const attempt = (script: string, args: readonly string[] = []) => executor.sh(script, { args, cwd, sandbox });

    expect(await attempt("echo a >mine && echo b >../out/mine && cat mine ../out/mine ../plain")).toMatchObject({
      exitCode: 0,
      stdout: "a\nb\nplain",
    });
    for (const path of [folder.join("elsewhere"), folder.join("work/.git/hook")]) {
      const refused = await attempt('echo x >"$1"', [path]);
      expect(refused).toMatchObject({ sandboxDenied: true, denial: { target: path, access: "write" } });
      expect(existsSync(path)).toBe(false);
    }
    expect((await attempt("cat key.pem")).stdout).toBe("");

    const files: Sandbox = { write: [cwd], deny: [folder.join("plain")] };
    await executor.fs.writeTextFile(folder.join("work/by-file"), "file", { sandbox: files });
    await expect(executor.fs.writeTextFile(folder.join("out/by-file"), "x", { sandbox: files })).rejects.toThrow();
    await expect(executor.fs.readTextFile(folder.join("plain"), { sandbox: files })).rejects.toThrow();
    expect(await executor.fs.readTextFile(folder.join("plain"), { sandbox: "read-only" })).toBe("plain");
    await expect(executor.fs.createDirectory(folder.join("new"), { sandbox: "read-only" })).rejects.toThrow();
    await executor.fs.createDirectory(folder.join("new"), { sandbox: "none" });
  });

  test("a list of what may be read hides all else but what programs need", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    await using folder = await ungrantedDir();
    await mkdir(folder.join("work"));
    await writeFile(folder.join("work/in"), "in");
    await writeFile(folder.join("out"), "out");
    const sandbox: Sandbox = { read: ["."] };
    const { stdout, stderr } = await executor.sh("cat in; cat ../out", { cwd: folder.join("work"), sandbox });
    expect(stdout).toBe("in");
    expect(stderr).toContain("out");
  });

  test("the network is off, on, or the hosts that are listed", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    await using local = await web();
    const argv = [process.execPath, "-e", ASK, `http://localhost:${local.port}/`, "http://other.test/"];
    const ask = async (network: SandboxRules["network"]) =>
      (await executor.run(argv, { cwd: "/", sandbox: { network } })).stdout.trim().split("\n").sort();
    expect(await ask(false)).not.toContain("localhost 200");
    expect(await ask({ allow: ["localhost"] })).toEqual(["localhost 200", "other.test 403"]);
    expect(await ask({ allow: ["other.test"] })).toContain("localhost 403");
    expect(await ask(true)).toContain("localhost 200");
  });
});
