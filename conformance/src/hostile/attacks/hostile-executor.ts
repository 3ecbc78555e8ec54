import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { WebSocketServer } from "ws";
import type { Attack } from "../attack.ts";

const ESCAPES = "\u001b]52;c;ZWNobyBwd24=\u0007\u001b[2J\u009b31m\u202e";

/** All but the tab and the end of a line. */
const CONTROLS = /[^\P{Cc}\t\n]|\p{Bidi_Control}/u;

interface Call {
  readonly id?: number;
  readonly method: string;
  readonly params: { readonly processId?: string; readonly handleId?: string; readonly offset?: number };
}

type Script = (call: Call, notify: (method: string, params: object) => void) => unknown;

/** An executor that says what a script says. What it throws is the text of an error. */
async function hostileExecutor(cwd: string, script: Script): Promise<AsyncDisposable & { readonly url: string }> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  server.on("connection", (line) =>
    line.on("message", (data) => {
      const call = JSON.parse(data.toString()) as Call;
      if (call.id === undefined) return;
      const send = (message: object): void => line.send(JSON.stringify(message));
      try {
        const result =
          call.method === "initialize"
            ? {
                sessionId: "11111111-1111-4111-8111-111111111111",
                environmentInfo: {
                  shell: { name: `sh${ESCAPES}`, path: "/bin/sh" },
                  cwd,
                  executorVersion: `1${ESCAPES}`,
                  platformOs: "linux",
                },
              }
            : script(call, (method, params) => queueMicrotask(() => send({ method, params })));
        send({ id: call.id, result: result ?? {} });
      } catch (error) {
        send({ id: call.id, error: { code: -32603, message: (error as Error).message } });
      }
    }),
  );
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const client of server.clients) client.terminate();
      server.close();
      await once(server, "close");
    },
  };
}

const META = { isDirectory: false, isFile: true, isSymlink: false, size: 5, createdAtMs: 0, modifiedAtMs: 0 };

/** Answers of an executor whose every file is `evil`, and whose programs print `printed`. */
function evilFiles(printed = "644\n"): Script {
  return ({ method, params }, notify) => {
    if (method === "fs/getMetadata") return META;
    if (method === "fs/open") return { handleId: params.handleId };
    if (method === "fs/readBlock") {
      return { chunk: Buffer.from("evil\n").subarray(params.offset).toString("base64"), eof: true };
    }
    if (method !== "process/start") return {};
    const { processId } = params;
    const chunk = Buffer.from(printed).toString("base64");
    notify("process/output", { processId, seq: 1, stream: "stdout", chunk });
    notify("process/exited", { processId, seq: 2, exitCode: 0, sandboxDenied: false });
    notify("process/closed", { processId, seq: 3 });
    return { processId };
  };
}

export const HOSTILE_EXECUTOR: readonly Attack[] = [
  {
    id: "executor.names-of-files",
    sentence: "a name that an executor tells never leads out of the folder that is copied to",
    essential: true,
    async run({ playground, holdfast }) {
      const target = join(playground.home, "work/downloads");
      await mkdir(target, { recursive: true });
      await writeFile(join(playground.home, ".bashrc"), "the user's\n");
      for (const cwd of [
        "file:///srv/..%2F..%2F.bashrc",
        "file:///srv/%2e%2e",
        "file:///srv/a%2F..%2F..%2F..%2F.bashrc",
      ]) {
        await using executor = await hostileExecutor(cwd, evilFiles());
        for (const args of [["-r"], []]) await holdfast(["cp", ...args, "--url", executor.url, "remote:.", target]);
      }
      assert.equal(await readFile(join(playground.home, ".bashrc"), "utf8"), "the user's\n");
      assert.deepEqual(await readdir(playground.home), [".bashrc", "work"]);
    },
  },
  {
    id: "executor.merge-through-a-link",
    sentence: "a second copy into a folder never goes through a link that the first one brought",
    essential: true,
    async run({ playground, holdfast, serve }) {
      const { home, outside } = playground;
      const source = join(home, "source");
      const target = join(home, "target");
      await mkdir(join(source, "docs"), { recursive: true });
      await writeFile(join(source, "docs/file"), "evil\n");
      await mkdir(target);
      await symlink(outside, join(target, "docs"));
      const before = (await readdir(outside)).sort();
      const wasFile = await readFile(join(outside, "file"), "utf8");
      await using executor = await serve();
      for (const [from, to] of [
        [`remote:${source}/.`, target],
        [`${source}/.`, `remote:${target}`],
      ] as const) {
        await holdfast(["cp", "-r", "--url", executor.url, from, to]);
        assert.deepEqual((await readdir(outside)).sort(), before, `${from} went through a link`);
        assert.equal(await readFile(join(outside, "file"), "utf8"), wasFile, `${from} wrote through a link`);
      }
    },
  },
  {
    id: "executor.escape-sequences",
    sentence: "no control character of an executor's words reaches a terminal or a log",
    essential: true,
    async run({ playground, holdfast }) {
      const refuse: Script = () => {
        throw new Error(`no${ESCAPES}\rfake prompt $ `);
      };
      await using executor = await hostileExecutor("file:///srv/%1B%5D0;x%07", refuse);
      const commands = [
        ["cp", "--url", executor.url, "remote:x", playground.home],
        ["cp", "-r", "--url", executor.url, "remote:x", playground.home],
        ["info", "--url", executor.url],
        ["info", "--json", "--url", executor.url],
        ["exec", "--url", executor.url, "--stdin=none", "--", "true"],
        ["exec", "--detach", "--url", executor.url, "--", "true"],
      ];
      for (const args of commands) {
        const { stdout, stderr } = await holdfast(args);
        const [found] = CONTROLS.exec(`${stdout}${stderr}`) ?? [];
        assert.equal(found, undefined, `${args[0]} ${args[1]} passes on ${JSON.stringify(found)}`);
      }
    },
  },
  {
    id: "executor.endless-file",
    sentence: "a file that says it has five bytes does not fill the disk",
    essential: false,
    async run({ playground, holdfast }) {
      const block = Buffer.alloc(1 << 20, 120).toString("base64");
      let blocks = 0;
      const endless: Script = (call, notify) => {
        if (call.method !== "fs/readBlock") return evilFiles()(call, notify);
        blocks += 1;
        return { chunk: block, eof: blocks > 2_000 };
      };
      await using executor = await hostileExecutor("file:///srv", endless);
      const { exitCode } = await holdfast(["cp", "--url", executor.url, "remote:/srv/five", playground.home]);
      assert.ok(blocks < 1_000, `${blocks} MiB were taken`);
      assert.notEqual(exitCode, 0);
      assert.ok(!existsSync(join(playground.home, "five")), "something stands under the final name");
    },
  },
];
