import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ConnectOptions, connect } from "@holdfast/exec-client";
import { SERVER_CERTIFICATE, TEST_CA, until } from "@holdfast/testkit";
import { endChild, ownChild } from "../../owned.ts";
import type { Playground } from "../../sandbox/playground.ts";
import type { ServedExecutor } from "../../served-executor.ts";
import type { Attack, AttackContext } from "../attack.ts";

/** An id that no account has. */
const STRANGER = 48_124;
const TOKEN = "a-token-that-was-stolen";

/**
 * A handshake with these headers, and then a command that would write a file. Prints what the handshake is answered with, or why there is
 * none. Arguments: URL, file to write, `hide` to be gone before anybody looks, headers as JSON, a file to steal a token from.
 */
const INTRUDER = String.raw`
const [url, proof, hide, headers, tokenFile] = process.argv.slice(1);
const { protocol, port, pathname } = new URL(url);
const extra = JSON.parse(headers);
try { if (tokenFile) extra.push("Authorization: Bearer " + require("fs").readFileSync(tokenFile, "utf8").trim()); console.log("stolen"); } catch {}
const frame = (message) => { const text = Buffer.from(JSON.stringify(message)); return Buffer.concat([Buffer.from(text.length < 126 ? [0x81, 0x80 | text.length] : [0x81, 0xfe, text.length >> 8, text.length & 255]), Buffer.alloc(4), text]); };
const head = ["GET / HTTP/1.1", "Host: 127.0.0.1", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", ...extra].join("\r\n") + "\r\n\r\n";
const start = { processId: "free", argv: ["/bin/sh", "-c", "echo escaped > '" + proof + "'"], cwd: "file:///", env: {}, tty: false, arg0: null };
const bytes = Buffer.concat([Buffer.from(head), frame({ id: 1, method: "initialize", params: { clientName: "x" } }), frame({ method: "initialized", params: {} }), frame({ id: 2, method: "process/start", params: start })]);
const options = { port: Number(port), host: "127.0.0.1", rejectUnauthorized: false };
const socket = protocol === "unix:" ? require("net").connect(decodeURIComponent(pathname)) : protocol === "wss:" ? require("tls").connect(options) : require("net").connect(options);
socket.on("error", ({ code, message }) => { console.log(code ?? message); process.exit(0); });
socket.write(bytes, () => { if (hide) { console.log("gone"); process.exit(0); } });
socket.on("data", (answer) => { console.log(String(answer).split("\r\n")[0]); setTimeout(() => process.exit(0), 500); });
socket.on("close", () => process.exit(0));`;

/** A way to listen, and what its owner connects with. */
interface Mode {
  readonly name: string;
  readonly args: readonly string[];
  readonly options: Pick<ConnectOptions, "ca" | "token">;
  readonly tokenFile: string;
}

async function modesIn({ outside }: Playground, uid: number): Promise<readonly Mode[]> {
  const folder = join(outside, "listening");
  await mkdir(folder, { mode: 0o711 });
  const files = { token: `${TOKEN}\n`, cert: SERVER_CERTIFICATE.cert, key: SERVER_CERTIFICATE.key };
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text, { mode: 0o600 });
    if (process.getuid?.() === 0) await chown(join(folder, name), uid, uid);
  }
  if (process.getuid?.() === 0) await chown(folder, uid, uid);
  const tokenFile = join(folder, "token");
  const token = ["--ws-auth", "capability-token", "--ws-token-file", tokenFile];
  const tls = ["--tls-cert", join(folder, "cert"), "--tls-key", join(folder, "key")];
  const unix = ["--listen", `unix://${join(folder, "socket")}`];
  return [
    { name: "ws", args: [], options: {}, tokenFile },
    { name: "ws with a token", args: token, options: { token: TOKEN }, tokenFile },
    { name: "wss", args: tls, options: { ca: TEST_CA }, tokenFile },
    { name: "wss with a token", args: [...tls, ...token], options: { ca: TEST_CA, token: TOKEN }, tokenFile },
    { name: "unix", args: unix, options: {}, tokenFile },
    { name: "unix with a token", args: [...unix, ...token], options: { token: TOKEN }, tokenFile },
  ];
}

/** Start each kind of listener and let somebody at it. */
async function inEveryMode(
  { playground, serve }: AttackContext,
  attack: (executor: ServedExecutor, mode: Mode) => Promise<void>,
): Promise<void> {
  for (const mode of await modesIn(playground, process.getuid?.() ?? 0)) {
    await using executor = await serve({ args: [...mode.args, "--log-level", "warn"] });
    try {
      await attack(executor, mode);
      // What was let in unseen would have been served before this.
      await using owner = await connect(executor.url, { ...mode.options, processConnections: "shared" });
      assert.equal((await owner.run(["echo", "mine"])).stdout, "mine\n");
    } catch (error) {
      throw new Error(`${mode.name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
}

function isUnix({ url }: ServedExecutor): boolean {
  return url.startsWith("unix:");
}

async function refusalsIn(executor: ServedExecutor, count: number): Promise<void> {
  await until(() => executor.log().split("connection refused").length > count);
}

/** Run the intruder as another user. */
async function knockAsStranger(words: readonly string[]): Promise<string> {
  const drop = [`--reuid=${STRANGER}`, `--regid=${STRANGER}`, "--clear-groups", "--"];
  const argv = [...drop, process.execPath, "-e", INTRUDER, ...words];
  const child = ownChild(spawn("setpriv", argv, { cwd: "/", stdio: ["ignore", "pipe", "inherit"] }));
  let said = "";
  child.stdout.on("data", (data) => (said += data));
  await once(child, "close");
  await endChild(child);
  return said;
}

export const LISTENING_MODES: readonly Attack[] = [
  {
    id: "listening.modes-confined",
    sentence:
      "in every mode of listening, a confined command with a network neither drives the executor nor reads its token",
    essential: true,
    async run(context) {
      const { workspace, outside } = context.playground;
      const proof = join(outside, "escaped");
      await inEveryMode(context, async (executor, { options, tokenFile }) => {
        await using owner = await connect(executor.url, { ...options, processConnections: "shared" });
        const sandbox = { write: [workspace], network: true };
        const env = { PATH: "/usr/bin:/bin" };
        for (const hide of ["", "hide"]) {
          for (const steal of ["", tokenFile]) {
            const argv = [process.execPath, "-e", INTRUDER, executor.url, proof, hide, "[]", steal];
            const { stdout } = await owner.run(argv, { cwd: workspace, env, sandbox });
            assert.doesNotMatch(stdout, / 101 /, "it was let in");
            if (steal !== "" && options.token !== undefined) assert.doesNotMatch(stdout, /stolen/, "it read the token");
            if (isUnix(executor)) assert.match(stdout, /E(ACCES|NOENT|CONNREFUSED)/, "it found the socket");
          }
        }
        if (!isUnix(executor)) await refusalsIn(executor, 2);
        assert.ok(!existsSync(proof), "it wrote outside");
      });
    },
  },
  {
    id: "listening.modes-confined-elsewhere",
    sentence: "a command that another executor confines does not get in by a socket that this one does not know of",
    essential: true,
    async run(context) {
      const { playground, serve } = context;
      const proof = join(playground.outside, "escaped");
      await using other = await serve();
      await using owner = await connect(other.url, { processConnections: "shared" });
      await inEveryMode(context, async (executor, { tokenFile }) => {
        const sandbox = { write: [playground.workspace], network: true };
        const env = { PATH: "/usr/bin:/bin" };
        // It may read the token of an executor that is not its own, and is refused all the same.
        const argv = [process.execPath, "-e", INTRUDER, executor.url, proof, "", "[]", tokenFile];
        const { stdout } = await owner.run(argv, { cwd: playground.workspace, env, sandbox });
        assert.match(stdout, /HTTP\/1\.1 403 /);
        await refusalsIn(executor, 1);
        assert.ok(!existsSync(proof), "it wrote outside");
      });
    },
  },
  {
    id: "listening.modes-another-user",
    sentence:
      "in every mode of listening, another user who knows the token drives no executor, and the attempt is in its log",
    essential: true,
    needsRoot: true,
    async run(context) {
      const { root, outside } = context.playground;
      const proof = join(outside, "escaped");
      for (const folder of [root, outside]) await chmod(folder, 0o711);
      const headers = JSON.stringify([`Authorization: Bearer ${TOKEN}`]);
      await inEveryMode(context, async (executor, { tokenFile }) => {
        const words = [executor.url, proof];
        if (isUnix(executor)) {
          assert.match(await knockAsStranger([...words, "", headers, tokenFile]), /^EACCES\n$/);
          // As if its owner had opened it to all.
          await chmod(decodeURIComponent(new URL(executor.url).pathname), 0o666);
        }
        const said = await knockAsStranger([...words, "", headers, tokenFile]);
        assert.doesNotMatch(said, /stolen/);
        assert.match(said, /HTTP\/1\.1 403 /);
        assert.doesNotMatch(await knockAsStranger([...words, "hide", headers, ""]), / 101 /);
        await refusalsIn(executor, 1);
        assert.match(executor.log(), new RegExp(`connection is of user ${STRANGER}`));
        assert.ok(!executor.log().includes(TOKEN), "the token is in the log");
        assert.ok(!existsSync(proof), "it ran a command");
      });
    },
  },
  {
    id: "listening.modes-web-pages",
    sentence:
      "in every mode of listening, a web page that knows the token drives no executor, and the attempt is in its log",
    essential: true,
    async run(context) {
      const { outside } = context.playground;
      const proof = join(outside, "escaped");
      await inEveryMode(context, async (executor) => {
        const token = `Authorization: Bearer ${TOKEN}`;
        for (const header of ["Origin: https://page.example", "Origin: null", "Sec-Fetch-Site: cross-site"]) {
          const words = [executor.url, proof, "", JSON.stringify([header, token])];
          const child = ownChild(
            spawn(process.execPath, ["-e", INTRUDER, ...words], { stdio: ["ignore", "pipe", "inherit"] }),
          );
          let said = "";
          child.stdout.on("data", (data) => (said += data));
          await once(child, "close");
          assert.match(said, /HTTP\/1\.1 403 /, header);
        }
        await refusalsIn(executor, 3);
        assert.ok(!existsSync(proof), "it ran a command");
      });
    },
  },
];
