import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "@holdfast/exec-client";
import { dataOf } from "@holdfast/rpc/testing";
import { connectWebSocket } from "@holdfast/rpc/websocket";
import { BadLine, tempDir, until, WireClient } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { Cli, everyByte, holdfast, lines, serve } from "../support/cli.ts";
import { skipped, unconfinable } from "../support/confinement.ts";
import { copy } from "../support/copy.ts";
import { answerTo, handshakeScript } from "../support/handshake-answer.ts";
import { hold } from "../support/held.ts";

const MIB = 1024 * 1024;
const OUTPUT_BYTES = 200 * MIB;

/** How long the line is away in the outages that are waited for: what a client of its own would need for a pause, many times over. */
const AWAY_MS = 2_500;

const WAYS: [string, string, string][] = [
  ["a file down", "remote:large", "copy"],
  ["a folder up", "tree", "remote:copy"],
];
/** Each kind and each direction is in one of the others. */
const OTHER_WAYS: [string, string, string][] = [
  ["a file up", "large", "remote:copy"],
  ["a folder down", "remote:tree", "copy"],
];

describe("a client of holdfast connect", () => {
  test("is given 200 MiB of output byte for byte over three cuts that it does not hear of", {
    timeout: 120_000,
    tags: "long",
  }, async () => {
    await using folder = await tempDir();
    await using server = await serve({ args: ["--spool", folder.join("spool")] });
    await using line = await BadLine.to(server.url);
    await using held = await hold(line.url);
    const states: string[] = [];
    await using executor = await connect(held.url, {
      recovery: false,
      onStateChange: (state) => void states.push(state),
    });
    // Never the same for long, so that what is missing or twice shows.
    const script = `seq 1 100000000 | head -c ${OUTPUT_BYTES}`;
    const process = await executor.processes.start({ argv: ["sh", "-c", script] });
    const hash = createHash("sha256");
    let bytes = 0;
    const cutsAt = [20 * MIB, 80 * MIB, 150 * MIB];
    for await (const chunk of process.stdout) {
      hash.update(chunk);
      bytes += chunk.byteLength;
      if (bytes < (cutsAt[0] ?? Number.POSITIVE_INFINITY)) continue;
      cutsAt.shift();
      line.cut();
    }
    const made = await executor.run(["sh", "-c", `${script} | sha256sum`]);
    expect({ bytes, sha: hash.digest("hex") }).toEqual({ bytes: OUTPUT_BYTES, sha: made.stdout.split(" ")[0] });
    expect(await process.closed).toMatchObject({ exitCode: 0 });
    expect(line.connectionCount).toBeGreaterThan(3);
    expect(states).toEqual([]);
  });

  test("has its commands wait while the executor is out of reach", async () => {
    await using server = await serve();
    await using line = await BadLine.to(server.url);
    await using held = await hold(line.url);
    await using executor = await connect(held.url, { recovery: false });
    const process = await executor.processes.start({ argv: ["cat"], pipeStdin: true });
    line.refuse();
    line.cut();
    const begun = performance.now();
    const answered = Promise.all([
      process.write("typed meanwhile").then(() => process.closeStdin()),
      executor.run(["echo", "asked meanwhile"]),
    ]);
    await until(() => performance.now() - begun > AWAY_MS && line.refusedCount > 2);
    line.admit();
    const [, { stdout }] = await answered;
    expect(stdout).toBe("asked meanwhile\n");
    let echoed = "";
    for await (const text of process.stdoutText) echoed += text;
    expect(echoed).toBe("typed meanwhile");
  });

  test("has a terminal that lives through a cut", async () => {
    await using server = await serve();
    await using line = await BadLine.to(server.url);
    await using held = await hold(line.url);
    await using executor = await connect(held.url, { recovery: false });
    const terminal = await executor.processes.start({
      argv: ["sh", "-c", "stty -echo; echo ready; exec cat"],
      tty: true,
    });
    let heard = "";
    const reading = (async () => {
      for await (const text of terminal.outputText) heard += text;
    })();
    await until(() => heard.includes("ready"));
    for (const word of ["one", "two", "three"]) {
      await terminal.write(`${word}\n`);
      await until(() => heard.includes(word));
      line.cut();
    }
    await terminal.resize({ rows: 30, columns: 100 });
    await terminal.terminate();
    await reading;
    expect(heard.replaceAll("\r", "")).toBe("ready\none\ntwo\nthree\n");
  });

  const copiesOverCuts = async (_: string, source: string, destination: string) => {
    await using folder = await tempDir();
    const content = everyByte(40 * MIB + 11);
    await writeFile(folder.join("large"), content);
    await mkdir(folder.join("tree"));
    await writeFile(folder.join("tree", "large"), content);
    for (let file = 0; file < 50; file += 1) await writeFile(folder.join("tree", `${file}`), `${file}`);
    await using server = await serve({ cwd: folder.path });
    await using line = await BadLine.to(server.url);
    await using held = await hold(line.url);
    await using executor = await connect(held.url, { recovery: false });
    const cutsAt = [30, 20 * MIB, 30 * MIB];
    await copy(executor, [source, destination], {
      cwd: folder.path,
      onProgress: ({ transferredBytes }) => {
        if (transferredBytes < (cutsAt[0] ?? Number.POSITIVE_INFINITY)) return;
        cutsAt.shift();
        line.cut();
      },
    });
    expect(cutsAt).toEqual([]);
    const isTree = source.endsWith("tree");
    expect((await readFile(isTree ? folder.join("copy", "large") : folder.join("copy"))).equals(content)).toBe(true);
    if (isTree) expect(await readFile(folder.join("copy", "37"), "utf8")).toBe("37");
    expect((await readdir(folder.path)).toSorted()).toEqual(["copy", "large", "tree"]);
  };
  test.each(WAYS)("copies over cuts: %s", { timeout: 60_000 }, copiesOverCuts);
  test.each(OTHER_WAYS)("copies over cuts: %s", { timeout: 60_000, tags: "long" }, copiesOverCuts);

  test("streams a body over HTTP, and sees what changes in a folder on both sides of a cut", async () => {
    await using folder = await tempDir();
    await using server = await serve();
    await using line = await BadLine.to(server.url);
    await using held = await hold(line.url);
    await using executor = await connect(held.url, { recovery: false });
    await writeFile(folder.join("page"), everyByte(3 * MIB));
    const web = await executor.processes.start({
      argv: ["python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1"],
      cwd: folder.path,
    });
    let said = "";
    for await (const text of web.outputText) {
      said += text;
      if (/port \d+/.test(said)) break;
    }
    const [, port] = /port (\d+)/.exec(said) ?? [];
    const fetched = await executor.fetch(`http://127.0.0.1:${port}/page`);
    expect(Buffer.from(await fetched.arrayBuffer()).equals(everyByte(3 * MIB))).toBe(true);
    await using watch = executor.fs.watch(folder.path);
    await watch.ready;
    const told: string[] = [];
    const watching = (async () => {
      for await (const event of watch) {
        told.push(event.type === "overflow" ? "overflow" : event.path);
        if (told.some((each) => each.endsWith("after"))) break;
      }
    })();
    await writeFile(folder.join("before"), "");
    await until(() => told.some((each) => each.endsWith("before")));
    line.cut();
    await until(() => told.includes("overflow"));
    await writeFile(folder.join("after"), "");
    await watching;
    await web.terminate();
  });
});

describe("holdfast connect", () => {
  test("prints its URL alone, and ends with exit code 0 and its clients when it is told to", async () => {
    await using server = await serve();
    await using held = await hold(server.url);
    expect(held.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    await using executor = await connect(held.url, { recovery: false });
    await executor.run(["true"]);
    held.child.kill("SIGTERM");
    const { code, stdout, stderr } = await held.result();
    expect({ code, stdout: stdout.toString(), stderr }).toEqual({ code: 0, stdout: `${held.url}\n`, stderr: "" });
    expect((await executor.closed).reason).toContain("the gateway is shutting down");
  });

  test("ends by itself when it has no client for --idle-timeout", async () => {
    await using server = await serve();
    await using held = await hold(server.url, { args: ["--idle-timeout", "0.5"] });
    const executor = await connect(held.url, { recovery: false });
    const begun = performance.now();
    await executor.run(["sleep", "1"]);
    await executor.close();
    expect((await held.result()).code).toBe(0);
    expect(performance.now() - begun).toBeGreaterThan(1_400);
  });

  test("refuses web pages, and leaves no doubt about it in its log", async () => {
    await using server = await serve();
    await using held = await hold(server.url);
    await expect(connect(held.url, { headers: { origin: "https://evil.example" } })).rejects.toThrow("403");
    await until(() => held.stderr.includes("connection refused"));
  });

  test.runIf(process.geteuid?.() === 0)("refuses another user of this machine", async () => {
    await using server = await serve();
    await using held = await hold(server.url);
    expect(await answerTo(undefined, held.url)).toMatch(/^HTTP\/1\.1 101 /);
    expect(await answerTo(54_321, held.url)).toMatch(/^HTTP\/1\.1 403 /);
    await until(() => held.stderr.includes("user 54321"));
  });

  test.skipIf(unconfinable !== undefined)(`refuses a confined command with a network${skipped}`, async () => {
    await using server = await serve();
    await using held = await hold(server.url);
    const script = handshakeScript(held.url);
    const { stdout } = await holdfast(["sandbox", "--network", "--", process.execPath, "-e", script], { cwd: "/" });
    expect(stdout.toString()).toMatch(/^HTTP\/1\.1 403 /);
    await until(() => held.stderr.includes("sandbox"));
  });

  test.each([
    [[], "name it by --url or --program"],
    [["--url", "ws://127.0.0.1:1", "--listen", "ws://0.0.0.0:0"], "listen on 127.0.0.1"],
    [["--url", "ws://127.0.0.1:1", "--idle-timeout", "soon"], "--idle-timeout must be a number of seconds"],
    [["--url", "ws://127.0.0.1:1", "--recover-for", "-1"], "--recover-for must be a number of seconds"],
  ])("says in one line what is wrong: %j", async (args, text) => {
    const { code, stderr } = await holdfast(["connect", ...args]);
    expect(code).toBe(2);
    expect(lines(stderr)).toEqual([expect.stringContaining(text)]);
  });

  test("tells a client why there is no executor", async () => {
    await using held = await hold("ws://127.0.0.1:1");
    await using cli = new Cli(["exec", "--url", held.url, "--", "true"]);
    const { code, stderr } = await cli.result();
    expect(code).not.toBe(0);
    expect(lines(stderr)).toEqual([expect.stringContaining("ECONNREFUSED")]);
  });
});

describe("a client of holdfast connect that reads nothing", () => {
  test("holds its process on the executor, and nothing piles up in between", { timeout: 60_000 }, async () => {
    await using server = await serve();
    await using line = await BadLine.to(server.url);
    await using held = await hold(line.url);
    const port = await connectWebSocket(held.url, { maxMessageBytes: 64 * MIB });
    let received = 0;
    let ended = false;
    const wire = new WireClient((frame) => port.send(frame));
    port.open({
      frame: (frame) => {
        const data = dataOf(frame);
        if (data.length < MESSAGE_BYTES) wire.receive(data);
        else received += data.length;
        ended ||= String(data).includes("process/closed");
      },
      drained: () => {},
      closed: (close) => wire.end(close),
    });
    await wire.call("initialize", { clientName: "raw" });
    wire.send({ method: "initialized", params: {} });
    const argv = ["sh", "-c", `head -c ${OUTPUT_BYTES} /dev/zero`];
    await wire.call("process/start", {
      processId: "p",
      argv,
      cwd: "file:///",
      env: { PATH: "/usr/bin:/bin" },
      tty: false,
    });
    await until(() => received > MIB);
    port.pause();
    const before = await residentMiB(held.child.pid);
    await standsStill(line);
    expect(line.bytesOf("down")).toBeLessThan(OUTPUT_BYTES / 2);
    expect((await residentMiB(held.child.pid)) - before).toBeLessThan(64);
    port.resume();
    await until(() => ended, { deadlineMs: 40_000 });
    expect(received).toBeGreaterThan(OUTPUT_BYTES);
    port.destroy("done");
  });
});

/** Frames with output are longer than all others here. */
const MESSAGE_BYTES = 2_048;

async function residentMiB(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

/** Resolves when nothing has come for half a second. */
async function standsStill(line: BadLine): Promise<void> {
  let bytes = -1;
  let sinceMs = 0;
  await until(() => {
    if (line.bytesOf("down") !== bytes) {
      bytes = line.bytesOf("down");
      sinceMs = performance.now();
    }
    return performance.now() - sinceMs > 500;
  });
}

test("holdfast connect serves on a socket that only its owner can open", async () => {
  await using folder = await tempDir();
  await chmod(folder.path, 0o700);
  await using server = await serve();
  await using held = await hold(server.url, { args: ["--listen", `unix://${folder.join("line.sock")}`] });
  expect(held.url).toBe(`unix://${folder.join("line.sock")}`);
  const { stdout } = await holdfast(["exec", "--url", held.url, "--", "echo", "over a socket"]);
  expect(stdout.toString()).toBe("over a socket\n");
});
