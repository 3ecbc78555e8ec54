import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, readdirSync } from "node:fs";
import { chmod, chown, mkdir, symlink, writeFile } from "node:fs/promises";
import { connect } from "@holdfast/exec-client";
import { tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { holdfast, lines, serve } from "../support/cli.ts";
import { skipped, unconfinable } from "../support/confinement.ts";

const SOMEBODY = 54_321;
const PATH_ONLY = { PATH: process.env.PATH ?? "" };
const isRoot = process.geteuid?.() === 0;

/** Connects to a socket and says how its handshake was answered, or why there is none. */
const KNOCK = `
  const socket = require("node:net").connect(process.argv[1]);
  socket.on("error", ({ code }) => { console.log(code); process.exit(0); });
  socket.write("GET / HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\n\\r\\n");
  socket.once("data", (answer) => { console.log(String(answer)); process.exit(0); });`;

describe("serve --listen unix://", () => {
  test("prints its URL, serves clients there, and takes the socket away at the end", async () => {
    await using folder = await tempDir();
    const path = folder.join("a b.sock");
    await using server = await serve({ args: ["--listen", `unix://${path}`, "--log-level", "info"] });
    expect(server.url).toBe(`unix://${folder.path}/a%20b.sock`);
    expect(lstatSync(path).mode & 0o7777).toBe(0o600);
    const { code, stdout } = await holdfast(["exec", "--url", server.url, "--", "sh", "-c", "echo there; exit 3"]);
    expect([code, stdout.toString()]).toEqual([3, "there\n"]);
    await using executor = await connect(server.url);
    expect((await executor.run(["echo", "typed"])).stdout).toBe("typed\n");
    server.child.kill("SIGTERM");
    expect(await server.result()).toMatchObject({ code: 0 });
    expect(readdirSync(folder.path)).toEqual([]);
  });

  test("is where every command looks for it by unix:// alone, in a folder that is the user's own", async () => {
    await using folder = await tempDir();
    const env = { XDG_RUNTIME_DIR: folder.path };
    await using server = await serve({ env, args: ["--listen", "unix://"] });
    expect(server.url).toBe(`unix://${folder.path}/holdfast/executor.sock`);
    expect(lstatSync(folder.join("holdfast")).mode & 0o7777).toBe(0o700);
    const { code, stdout } = await holdfast(["info", "--url", "unix://", "--json"], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout.toString())).toMatchObject({ url: server.url });
    const second = await holdfast(["serve", "--listen", "unix://"], { env });
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining("somebody listens there already") });
  });

  test("replaces what a killed one left there, and a client comes back to it", async () => {
    await using folder = await tempDir();
    const args = ["--listen", `unix://${folder.join("s")}`];
    const killed = await serve({ args });
    await using executor = await connect(killed.url);
    killed.child.kill("SIGKILL");
    await killed.result();
    expect(existsSync(folder.join("s"))).toBe(true);
    await using _ = await serve({ args });
    await using again = await connect(killed.url);
    expect((await again.run(["echo", "new"])).stdout).toBe("new\n");
    expect(executor.state).not.toBe("connected");
  });

  test("refuses in one line what it can not use: a folder for all, a file, a link, a path that is too long", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("open"));
    await chmod(folder.join("open"), 0o777);
    await writeFile(folder.join("file"), "");
    await symlink("nowhere", folder.join("link"));
    for (const [path, code, reason] of [
      [folder.join("open/s"), 1, "can be written by others (mode 777)"],
      [folder.join("file"), 1, "it is no socket"],
      [folder.join("link"), 1, "it is a link"],
      [folder.join("none/s"), 1, "its folder does not exist"],
      [folder.join("x".repeat(100)), 2, "may have at most 107 bytes"],
    ] as const) {
      const refused = await holdfast(["serve", "--listen", `unix://${path}`]);
      expect([refused.code, refused.stdout.toString()]).toEqual([code, ""]);
      expect(lines(refused.stderr)).toEqual([expect.stringContaining(reason)]);
    }
  });

  test("does not use a folder for sockets that others may enter, or a link in its place", async () => {
    await using folder = await tempDir();
    await mkdir(folder.join("holdfast"));
    await chmod(folder.join("holdfast"), 0o755);
    const env = { XDG_RUNTIME_DIR: folder.path };
    const open = await holdfast(["serve", "--listen", "unix://"], { env });
    expect(open).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/others may enter it \(mode 755\): chmod 700/),
    });
    await using other = await tempDir();
    await mkdir(other.join("elsewhere"), { mode: 0o700 });
    await symlink("elsewhere", other.join("holdfast"));
    const linked = await holdfast(["serve", "--listen", "unix://"], { env: { XDG_RUNTIME_DIR: other.path } });
    expect(linked).toMatchObject({ code: 1, stderr: expect.stringContaining("it is a link") });
  });

  test.runIf(isRoot)("refuses another user who may open it, tells them why, and logs it", async () => {
    await using folder = await tempDir();
    await chmod(folder.path, 0o755);
    const path = folder.join("s");
    await using server = await serve({ args: ["--listen", `unix://${path}`, "--log-level", "warn"] });
    const knock = async (): Promise<string> => {
      const client = spawn(process.execPath, ["-e", KNOCK, path], {
        stdio: ["ignore", "pipe", "inherit"],
        cwd: "/",
        uid: SOMEBODY,
        gid: SOMEBODY,
      });
      let text = "";
      client.stdout.on("data", (chunk) => (text += chunk));
      await once(client, "close");
      return text;
    };
    expect(await knock()).toBe("EACCES\n");
    // As if its owner had opened it to all.
    await chmod(path, 0o666);
    expect(await knock()).toMatch(/^HTTP\/1\.1 403 [\s\S]*for user 0, and the connection is of user 54321/);
    await until(() => /unix.*403.*the connection is of user 54321/.test(server.stderr));
  });

  test.runIf(isRoot)("a client does not talk to a socket of another user", async () => {
    await using folder = await tempDir();
    const path = folder.join("s");
    await using server = await serve({ args: ["--listen", `unix://${path}`] });
    await chown(path, SOMEBODY, SOMEBODY);
    const { code, stderr } = await holdfast(["info", "--url", server.url]);
    expect([code, lines(stderr)]).toEqual([1, [expect.stringContaining(`the socket belongs to user ${SOMEBODY}`)]]);
  });
});

describe.skipIf(unconfinable !== undefined)(`a confined command with a network${skipped}`, () => {
  test("does not see the sockets of its user's executors, whoever started it", async () => {
    await using folder = await tempDir();
    const env = { XDG_RUNTIME_DIR: folder.path };
    await using own = await serve({ env, args: ["--listen", "unix://"] });
    await using other = await serve({ env, args: ["--listen", `unix://${folder.join("named.sock")}`] });
    const sockets = [own.url, other.url].map((url) => new URL(url).pathname);
    const script = 'for each in "$@"; do "$0" -e "$KNOCK" "$each" | head -n 1; done';
    const words = ["sh", "-c", script, process.execPath, ...sockets];
    await using executor = await connect(other.url);
    const sandbox = { write: [folder.path], network: true };
    const byServer = await executor.run(words, { env: { ...PATH_ONLY, KNOCK }, cwd: "/", sandbox });
    const options = ["--network", "--writable", folder.path];
    const bySandbox = await holdfast(["sandbox", ...options, "--", ...words], { env: { ...env, KNOCK } });
    const answers = [byServer.stdout, bySandbox.stdout.toString()].map(lines);
    const unseen = expect.stringMatching(/^E(NOENT|ACCES|CONNREFUSED)$/);
    // A name that only its own executor knows of is left to the look at who connects.
    expect(answers).toEqual([
      [unseen, unseen],
      [unseen, expect.stringMatching(/^HTTP\/1\.1 403 /)],
    ]);
  });
});
