// Runs inside a sandbox, read from standard input: tries what a table asks for and prints what came of each attempt.
import * as fs from "node:fs";
import * as net from "node:net";

const place = JSON.parse(process.env.PLACE);
const { ws, outside, tmp, unique, hostPid, port, hostSocket } = place;

const outcomes = {};

async function attempt(name, act) {
  try {
    const value = await act();
    outcomes[name] = value === undefined ? "ok" : String(value);
  } catch (error) {
    outcomes[name] = error.code ?? String(error);
  }
}

function discard(act) {
  return () => void act();
}

function opened(emitter, event) {
  return new Promise((resolve, reject) => emitter.once(event, () => resolve(undefined)).once("error", reject));
}

async function connect(options) {
  const socket = net.connect(options);
  await opened(socket, "connect").finally(() => socket.destroy());
}

async function listen(options) {
  const server = net.createServer();
  server.listen(options);
  await opened(server, "listening");
  return server;
}

await attempt(
  "read /etc/hosts",
  discard(() => fs.readFileSync("/etc/hosts")),
);
await attempt(
  "read outside",
  discard(() => fs.readFileSync(`${outside}/file`)),
);
await attempt(
  "list outside",
  discard(() => fs.readdirSync(outside)),
);
await attempt(
  "read in workspace",
  discard(() => fs.readFileSync(`${ws}/file`)),
);
await attempt(
  "read .git/config",
  discard(() => fs.readFileSync(`${ws}/.git/config`)),
);
await attempt("append in workspace", () => fs.appendFileSync(`${ws}/file`, "x"));
await attempt("create in workspace", () => fs.writeFileSync(`${ws}/new`, "x"));
await attempt("unlink in workspace", () => fs.unlinkSync(`${ws}/unlink-me`));
await attempt("mkdir in workspace", () => fs.mkdirSync(`${ws}/folder`));
await attempt("rename in workspace", () => fs.renameSync(`${ws}/rename-me`, `${ws}/renamed`));
await attempt("chmod in workspace", () => fs.chmodSync(`${ws}/file`, 0o600));
await attempt("append .git/config", () => fs.appendFileSync(`${ws}/.git/config`, "x"));
await attempt("create in .git", () => fs.writeFileSync(`${ws}/.git/new`, "x"));
await attempt("rename .git", () => {
  fs.renameSync(`${ws}/.git`, `${ws}/moved`);
  fs.renameSync(`${ws}/moved`, `${ws}/.git`);
});
for (const name of [".codex", ".agents", ".aws"]) await attempt(`mkdir ${name}`, () => fs.mkdirSync(`${ws}/${name}`));
await attempt("mkdir sub/.codex", () => fs.mkdirSync(`${ws}/sub/.codex`));
await attempt("append outside", () => fs.appendFileSync(`${outside}/file`, "x"));
await attempt("create in /tmp", () => fs.writeFileSync(`/tmp/${unique}`, "x"));
await attempt("create in TMPDIR", () => fs.writeFileSync(`${tmp}/new`, "x"));
await attempt("create outside", () => fs.writeFileSync(`${outside}/new`, "x"));
await attempt("create in /", () => {
  fs.writeFileSync(`/${unique}`, "x");
  fs.unlinkSync(`/${unique}`);
});
await attempt("write /dev/null", () => fs.writeFileSync("/dev/null", "x"));
await attempt("read /dev/urandom", () => {
  const fd = fs.openSync("/dev/urandom", "r");
  fs.readSync(fd, Buffer.alloc(8));
  fs.closeSync(fd);
});
await attempt("create in /dev/shm", () => {
  fs.writeFileSync(`/dev/shm/${unique}`, "x");
  fs.unlinkSync(`/dev/shm/${unique}`);
});
await attempt(
  "read a/secret",
  discard(() => fs.readFileSync(`${ws}/a/secret`)),
);
await attempt(
  "stat a/secret",
  discard(() => fs.statSync(`${ws}/a/secret`)),
);
await attempt(
  "list a",
  discard(() => fs.readdirSync(`${ws}/a`)),
);
await attempt("create in a", () => fs.writeFileSync(`${ws}/a/new`, "x"));
await attempt(
  "read a/b",
  discard(() => fs.readFileSync(`${ws}/a/b/file`)),
);
await attempt(
  "list a/b",
  discard(() => fs.readdirSync(`${ws}/a/b`)),
);
await attempt("create in a/b", () => fs.writeFileSync(`${ws}/a/b/new`, "x"));
await attempt("mkdir a/b/.codex", () => fs.mkdirSync(`${ws}/a/b/.codex`));
await attempt("append through link", () => fs.appendFileSync(`${ws}/link-out`, "x"));
await attempt("append through hard link", () => fs.appendFileSync(`${ws}/hard-link`, "x"));
await attempt("create symlink", () => fs.symlinkSync("/etc", `${ws}/new-link`));
await attempt("hard-link outside", () => fs.linkSync(`${outside}/file`, `${ws}/new-hard-link`));
await attempt("tcp connect", () => connect({ host: "127.0.0.1", port }));
await attempt("tcp listen", async () => {
  (await listen({ host: "127.0.0.1", port: 0 })).close();
});
await attempt("connect to host socket", () => connect({ path: hostSocket }));
await attempt("own unix socket", async () => {
  const server = await listen({ path: `${ws}/own-socket` });
  await connect({ path: `${ws}/own-socket` }).finally(() => server.close());
});
await attempt(
  "signal a host process",
  discard(() => process.kill(hostPid, 0)),
);
await attempt("host process in /proc", () => (fs.existsSync(`/proc/${hostPid}`) ? "yes" : "no"));
await attempt("interfaces", () => {
  const names = fs
    .readFileSync("/proc/net/dev", "utf8")
    .split("\n")
    .slice(2)
    .map((line) => line.split(":")[0].trim());
  return names.filter((name) => name !== "").every((name) => name === "lo") ? "lo" : "all";
});
process.stdout.write(JSON.stringify(outcomes));
