import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { connect as connectTls } from "node:tls";
import { connect } from "@holdfast/exec-client";
import { isAlive, SECOND_SERVER_CERTIFICATE, SERVER_CERTIFICATE, TEST_CA, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { everyByte, lines, serve } from "../../support/cli.ts";
import { skipped, unconfinable, ungrantedDir } from "../../support/confinement.ts";
import { Descendants } from "../descendants.ts";
import { replaced } from "./replaced.ts";

const PATIENCE_MS = 20_000;

/** Says what it reads and how large its terminal is; after `end` it waits for the end of its input. */
const TALKS = `trap 'echo interrupted' INT
while :; do
  read line || continue
  echo "got $line"
  stty size
  [ "$line" = end ] && break
done
cat
exit 3`;

/** What comes of a process, as text. */
function follow(running: { events(): AsyncIterable<{ type: string; data?: Uint8Array; exitCode?: number }> }) {
  const seen = { text: "", exitCode: undefined as number | undefined, isClosed: false, error: undefined as unknown };
  void (async () => {
    for await (const event of running.events()) {
      if (event.type === "output") seen.text += Buffer.from(event.data ?? []).toString("latin1");
      if (event.type === "exited") seen.exitCode = event.exitCode;
    }
    seen.isClosed = true;
  })().catch((error: unknown) => {
    seen.error = error;
  });
  return seen;
}

describe.skipIf(process.platform !== "linux")("an executor that is replaced", { timeout: 60_000 }, () => {
  test("is the same process, with the same commands, and a client sees one outage and no gap", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    const script = "n=0; while [ $n -lt 60 ]; do n=$((n+1)); echo $n; sleep 0.05; done; exit 7";
    const running = await executor.processes.start({ argv: ["sh", "-c", script], cwd: "/" });
    const seen = follow(running);
    await until(() => seen.text.includes("5\n"));
    await replaced(server);
    const { pid } = await executor.processes.start({ argv: ["sleep", "60"], cwd: "/" });
    expect(parentOf(pid ?? 0), "what is started afterwards is a child of the same process").toBe(server.child.pid);
    await replaced(server);
    await until(() => seen.isClosed, { deadlineMs: PATIENCE_MS });
    expect(seen).toMatchObject({ exitCode: 7, error: undefined });
    expect(lines(seen.text)).toEqual(Array.from({ length: 60 }, (_, n) => String(n + 1)));
    server.child.kill("SIGTERM");
    expect(await server.result()).toMatchObject({ code: 0, stdout: Buffer.from(`${server.url}\n`), stderr: "" });
  });

  test("goes on behind a unix socket, whose name goes with the last one", async () => {
    await using folder = await tempDir();
    const path = folder.join("executor.sock");
    await chmod(folder.path, 0o700);
    await using server = await serve({ args: ["--listen", `unix://${path}`] });
    await using executor = await connect(server.url);
    const { pid } = await executor.processes.start({ argv: ["sleep", "60"], cwd: "/" });
    await replaced(server);
    await replaced(server);
    await using other = await connect(server.url);
    expect((await other.run(["echo", "there"], { cwd: "/" })).stdout).toBe("there\n");
    expect(parentOf(pid ?? 0)).toBe(server.child.pid);
    server.child.kill("SIGTERM");
    expect(await server.result()).toMatchObject({ code: 0 });
    expect(await stat(path).catch(() => undefined)).toBeUndefined();
  });

  test("goes on with TLS and a token, and reads its certificate anew", async () => {
    await using folder = await tempDir();
    const write = (name: string, text: string) => writeFile(folder.join(name), text, { mode: 0o600 });
    await write("token", "a-secret-word");
    await write("cert.pem", SERVER_CERTIFICATE.cert);
    await write("key.pem", SERVER_CERTIFICATE.key);
    const tls = ["--tls-cert", folder.join("cert.pem"), "--tls-key", folder.join("key.pem")];
    const auth = ["--ws-auth", "capability-token", "--ws-token-file", folder.join("token")];
    await using server = await serve({ args: ["--listen", "wss://127.0.0.1:0", ...tls, ...auth] });
    const options = { ca: TEST_CA, token: "a-secret-word" };
    await using executor = await connect(server.url, options);
    const running = await executor.processes.start({ argv: ["cat"], cwd: "/", pipeStdin: true });
    const seen = follow(running);
    await write("cert.pem", SECOND_SERVER_CERTIFICATE.cert);
    await write("key.pem", SECOND_SERVER_CERTIFICATE.key);
    await replaced(server);
    await running.write("still");
    await until(() => seen.text === "still", { deadlineMs: PATIENCE_MS });
    expect(await servedCertificate(server.url)).toBe(
      new X509Certificate(SECOND_SERVER_CERTIFICATE.cert).fingerprint256,
    );
    await expect(connect(server.url, { ca: TEST_CA })).rejects.toThrow("missing websocket bearer token");
  });

  test("is replaced by a signal alone, too, by what its own program is then", async () => {
    await using server = await serve({ args: ["--log-level", "debug"] });
    await using executor = await connect(server.url);
    await using running = await executor.processes.start({ argv: ["cat"], cwd: "/", pipeStdin: true });
    const seen = follow(running);
    server.child.kill("SIGUSR2");
    await until(() => server.stderr.includes("this executor is being replaced by version"));
    await until(() => executor.state === "recovering", { intervalMs: 1 }).catch(() => {});
    await running.write("after\n");
    await until(() => seen.text === "after\n", { deadlineMs: PATIENCE_MS });
  });

  test("writes every byte of an input that was accepted, the half of a write included, and ends it then", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    const script = "read go; exec sha256sum";
    const running = await executor.processes.start({ argv: ["sh", "-c", script], cwd: "/", pipeStdin: true });
    const seen = follow(running);
    const data = everyByte(700_000);
    const writes = [running.write("go\n")];
    // More than a pipe holds, and a shell that reads byte by byte: what comes behind the first line is taken later.
    for (let at = 0; at < data.length; at += 100_000) writes.push(running.write(data.subarray(at, at + 100_000)));
    writes.push(running.closeStdin());
    await replaced(server);
    await Promise.all(writes);
    await until(() => seen.isClosed, { deadlineMs: PATIENCE_MS });
    expect(seen.text.split(" ")[0]).toBe(createHash("sha256").update(data).digest("hex"));
    expect(seen.exitCode).toBe(0);
  });

  test("keeps an input that nobody reads yet, and its end", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    await using folder = await tempDir();
    const script = `while [ ! -e go ]; do sleep 0.02; done; exec sha256sum`;
    const running = await executor.processes.start({ argv: ["sh", "-c", script], cwd: folder.path, pipeStdin: true });
    const seen = follow(running);
    const data = everyByte(400_000);
    await running.write(data);
    await running.closeStdin();
    await replaced(server);
    await replaced(server);
    await writeFile(folder.join("go"), "");
    await until(() => seen.isClosed, { deadlineMs: PATIENCE_MS });
    expect(seen.text.split(" ")[0]).toBe(createHash("sha256").update(data).digest("hex"));
  });

  test("keeps terminals: what is typed, their size, their signals, and their end", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    const running = await executor.processes.start({
      argv: ["sh", "-c", TALKS],
      cwd: "/",
      tty: true,
    });
    const seen = follow(running);
    await running.write("before\n");
    await until(() => seen.text.includes("24 80"));
    await replaced(server);
    await running.resize({ rows: 50, columns: 132 });
    await running.write("after\n");
    await until(() => seen.text.includes("50 132"), { deadlineMs: PATIENCE_MS });
    await running.write("\x03");
    await until(() => seen.text.includes("interrupted"), { deadlineMs: PATIENCE_MS });
    await running.write("end\n");
    await until(() => seen.text.includes("got end"), { deadlineMs: PATIENCE_MS });
    await running.closeStdin();
    await until(() => seen.isClosed, { deadlineMs: PATIENCE_MS });
    expect(seen.exitCode).toBe(3);
    expect(seen.text.replaceAll("\r", "")).toContain("got before\n24 80\nafter\ngot after\n50 132\n");
  });

  test("tells ends that fall into it: many short commands, each with its code and output", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    const one = async (n: number) => {
      const script = `sleep 0.${String(n % 10)}; echo ${n}; echo e${n} >&2; exit ${n % 50}`;
      const running = await executor.processes.start({ argv: ["sh", "-c", script], cwd: "/" });
      return { n, running, seen: follow(running) };
    };
    const started = await Promise.all(Array.from({ length: 60 }, (_, n) => one(n)));
    await replaced(server);
    await until(() => started.every(({ seen }) => seen.isClosed), { deadlineMs: PATIENCE_MS });
    for (const { n, seen } of started) {
      expect(seen).toMatchObject({ exitCode: n % 50, error: undefined });
      expect(lines(seen.text).sort()).toEqual([String(n), `e${n}`].sort());
    }
  });

  test("keeps what ended before, and sessions that nobody holds", async () => {
    await using server = await serve();
    const first = await connect(server.url, { processConnections: "shared", recovery: false });
    const done = await first.processes.start({ argv: ["sh", "-c", "echo done; exit 4"], cwd: "/" });
    await done.closed;
    const { sessionId } = first;
    const running = await first.processes.start({
      argv: ["sh", "-c", "read x; echo got $x"],
      cwd: "/",
      pipeStdin: true,
    });
    await first.close();
    await replaced(server);
    await using second = await connect(server.url, { resumeSessionId: sessionId });
    const listed = await second.processes.list();
    expect(listed.map(({ exitCode, isClosed }) => [exitCode, isClosed])).toEqual([
      [4, true],
      [undefined, false],
    ]);
    const seen = follow(await second.processes.attach(done.id));
    await until(() => seen.isClosed);
    expect(seen).toMatchObject({ text: "done\n", exitCode: 4 });
    const again = await second.processes.attach(running.id);
    await again.write("hello\n");
    const rest = follow(again);
    await until(() => rest.isClosed);
    expect(rest).toMatchObject({ text: "got hello\n", exitCode: 0 });
  });

  test("keeps output that is on disk", async () => {
    await using folder = await tempDir();
    await using server = await serve({ args: ["--spool", folder.join("spool")] });
    const first = await connect(server.url, { processConnections: "shared", recovery: false });
    const script = `i=0; while [ $i -lt 60000 ]; do echo "line $i of a long output that does not fit"; i=$((i+1)); done; echo end; read x`;
    const running = await first.processes.start({ argv: ["sh", "-c", script], cwd: "/", pipeStdin: true });
    const seenFirst = follow(running);
    await until(() => seenFirst.text.endsWith("end\n"), { deadlineMs: PATIENCE_MS });
    const { sessionId } = first;
    await first.close();
    await replaced(server);
    await using second = await connect(server.url, { resumeSessionId: sessionId });
    const again = await second.processes.attach(running.id);
    const seen = follow(again);
    await until(() => seen.text.endsWith("end\n"), { deadlineMs: PATIENCE_MS });
    expect(seen.text.length).toBe(seenFirst.text.length);
    expect(seen.text === seenFirst.text).toBe(true);
  });

  test("keeps connections that it opened, in both directions, and what is on its way in them", async () => {
    const echo = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
    const address = echo.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    await using server = await serve();
    await using executor = await connect(server.url);
    const connection = await executor.processes.openConnection({ port });
    const seen = follow(connection);
    const data = everyByte(3_000_000);
    const half = data.length / 2;
    const first = connection.write(data.subarray(0, half));
    await replaced(server);
    await first;
    await connection.write(data.subarray(half));
    await connection.closeStdin();
    await until(() => seen.isClosed, { deadlineMs: PATIENCE_MS });
    expect(Buffer.from(seen.text, "latin1").equals(data)).toBe(true);
    expect(seen.exitCode).toBe(0);
    echo.close();
  });

  test("says of a file that was on its way that it has to begin again, and keeps those that are in place", async () => {
    await using folder = await tempDir();
    await using server = await serve();
    await using executor = await connect(server.url);
    await executor.fs.writeFile(folder.join("before"), everyByte(3_000_000));
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const writing = executor.fs.writeFile(folder.join("on-its-way"), readable);
    const error = writing.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    for (let n = 0; n < 4; n += 1) await writer.write(everyByte(1_000_000));
    await replaced(server);
    const pushing = (async () => {
      for (let n = 0; n < 40; n += 1) await writer.write(everyByte(1_000_000));
      await writer.close();
    })().catch(() => {});
    expect(String(await error)).toContain("the executor was replaced while");
    await pushing;
    expect(await stat(folder.join("on-its-way")).catch(() => undefined)).toBeUndefined();
    expect((await stat(folder.join("before"))).size).toBe(3_000_000);
    await executor.fs.writeFile(folder.join("on-its-way"), "again");
    expect(await readFile(folder.join("on-its-way"), "utf8")).toBe("again");
  });

  test("tells a watch that something may have been missed", async () => {
    await using folder = await tempDir();
    await using server = await serve();
    await using executor = await connect(server.url);
    await using watch = executor.fs.watch(folder.path);
    await watch.ready;
    const seen: string[] = [];
    void (async () => {
      for await (const event of watch) seen.push(event.type);
    })().catch(() => {});
    await replaced(server);
    await until(() => seen.includes("overflow"), { deadlineMs: PATIENCE_MS });
    await writeFile(folder.join("new"), "");
    await until(() => seen.includes("created"), { deadlineMs: PATIENCE_MS });
  });

  test("ends everything that its predecessors started when it is killed", async () => {
    await using folder = await tempDir();
    await using server = await serve();
    await using executor = await connect(server.url);
    await using descendants = new Descendants(folder);
    await descendants.start(executor);
    await replaced(server);
    await descendants.start(executor);
    expect(descendants.running().length).toBeGreaterThan(20);
    server.child.kill("SIGKILL");
    await until(() => descendants.running().length === 0, { deadlineMs: PATIENCE_MS });
  });

  test("ends what left its group with the session that it belongs to", async () => {
    await using folder = await tempDir();
    await using server = await serve({ args: ["--session-ttl", "0"] });
    await using descendants = new Descendants(folder);
    const executor = await connect(server.url, { processConnections: "shared" });
    await descendants.start(executor);
    await replaced(server);
    await until(() => executor.state === "connected");
    expect(descendants.running().length, "of a session that is waited for all the same").toBeGreaterThan(10);
    await executor.close();
    await until(() => descendants.running().length === 0, { deadlineMs: PATIENCE_MS });
  });

  test("keeps what must not live long without its client, whose absence for it does not count, and ends it once that is gone", async () => {
    await using server = await serve();
    const executor = await connect(server.url);
    const limited = { argv: ["sleep", "60"], cwd: "/", maxDetachedMs: 1 };
    const { pid = 0 } = await executor.processes.start(limited);
    await replaced(server);
    await replaced(server);
    expect((await executor.run(["echo", "there"], { cwd: "/" })).stdout).toBe("there\n");
    expect(isAlive(pid)).toBe(true);
    await executor.close();
    await until(() => !isAlive(pid));
  });

  test("shows its commands nothing of it: no variable, no descriptor", async () => {
    await using server = await serve();
    await using executor = await connect(server.url);
    const held = await executor.processes.start({ argv: ["sleep", "60"], cwd: "/" });
    await replaced(server);
    const { stdout } = await executor.run(["sh", "-c", "env; ls /proc/self/fd"], { cwd: "/" });
    expect(stdout).not.toContain("HANDOVER");
    expect(lines(stdout).filter((line) => /^\d+$/.test(line))).toEqual(["0", "1", "2", "3"]);
    await held.terminate();
  });
});

function servedCertificate(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: hostname, port: Number(port), ca: TEST_CA }, () => {
      resolve(socket.getPeerCertificate().fingerprint256);
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

function parentOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

describe.skipIf(unconfinable !== undefined)(`confined commands of an executor that is replaced${skipped}`, () => {
  test("go on confined, are judged as before, and leave no mount target behind", { timeout: 60_000 }, async () => {
    await using folder = await ungrantedDir();
    await using server = await serve();
    await using executor = await connect(server.url);
    const script = "while [ ! -e go ]; do sleep 0.02; done; touch /usr/holdfast-test; echo tried";
    const running = await executor.processes.start({
      argv: ["sh", "-c", script],
      cwd: folder.path,
      sandbox: "workspace-write",
    });
    const seen = follow(running);
    await until(async () => (await stat(folder.join(".git")).catch(() => undefined)) !== undefined, {
      what: "a mount target",
    });
    await replaced(server);
    await writeFile(folder.join("go"), "");
    const { sandboxDenied } = await running.exited;
    await until(() => seen.isClosed, { deadlineMs: PATIENCE_MS });
    expect({ sandboxDenied, text: seen.text }).toMatchObject({ text: expect.stringContaining("tried") });
    await until(async () => (await stat(folder.join(".git")).catch(() => undefined)) === undefined, {
      what: "the mount target is taken away",
    });
    const { exitCode, stderr } = await executor.run(["touch", "/usr/holdfast-test"], {
      cwd: folder.path,
      sandbox: "workspace-write",
    });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("Read-only") });
    expect(await readFile(folder.join("go"), "utf8")).toBe("");
  });
});
