import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isAlive, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { type OpenHost, openHost } from "../open-host.ts";
import { refusalOf } from "../refusal-of.ts";

const FREE = { sandboxPolicy: { type: "dangerFullAccess" } } as const;

type Client = Awaited<ReturnType<OpenHost["client"]>>;

async function textOfDeltas(client: Client, run: () => Promise<unknown>) {
  const deltas: { stream: string; text: string; capReached: boolean }[] = [];
  const stop = client.on("command/exec/outputDelta", ({ stream, deltaBase64, capReached }) => {
    deltas.push({ stream, text: Buffer.from(deltaBase64, "base64").toString(), capReached });
  });
  await run();
  stop();
  return deltas;
}

describe("a command", () => {
  test("is run to its end, with its output by streams and its exit code", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const command = ["sh", "-c", "echo out; echo err >&2; exit 3"];
    expect(await client.command.exec({ ...FREE, command })).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n" });
  });

  test("that dies of a signal tells its number", async () => {
    await using host = await openHost();
    await using client = await host.client();
    for (const signal of [9, 15]) {
      const command = ["sh", "-c", `kill -${signal} $$`];
      expect(await client.command.exec({ ...FREE, command })).toMatchObject({ exitCode: 128 + signal });
    }
  });

  test("runs in the folder of the server, and in others relative to it", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const folderOf = async (cwd?: string) =>
      (await client.command.exec({ ...FREE, command: ["pwd"], ...(cwd === undefined ? {} : { cwd }) })).stdout.trim();
    expect(await folderOf()).toBe(host.cwd);
    expect(await folderOf("")).toBe(host.cwd);
    expect(await folderOf("..")).toBe(host.folder);
    expect(await folderOf("/")).toBe("/");
  });

  test("inherits variables, can be given others, and can be without one", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const env = { OWN: "1", SHELL: null };
    const { stdout } = await client.command.exec({ ...FREE, command: ["/usr/bin/env"], env });
    const names = stdout
      .trim()
      .split("\n")
      .map((line) => line.split("=")[0]);
    expect(names).toContain("PATH");
    expect(names).toContain("OWN");
    expect(names).not.toContain("SHELL");
    expect(names).not.toContain("CODEX_SANDBOX_NETWORK_DISABLED");
  });

  test("gets no input where none is streamed to it", async () => {
    await using host = await openHost();
    await using client = await host.client();
    expect(await client.command.exec({ ...FREE, command: ["cat"] })).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });

  test("that takes longer than it may is killed, with 124 and the output so far", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const command = ["sh", "-c", "trap 'echo trapped' TERM; echo begun; sleep 60"];
    const { exitCode, stdout } = await client.command.exec({ ...FREE, command, timeoutMs: 300 });
    expect({ exitCode, stdout }).toEqual({ exitCode: 124, stdout: "begun\n" });
    expect(await client.command.exec({ ...FREE, command: ["sleep", "60"], timeoutMs: 0 })).toMatchObject({
      exitCode: 124,
    });
  });

  test("may take as long as it likes without a time limit", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const command = ["sh", "-c", "echo done"];
    expect(await client.command.exec({ ...FREE, command, disableTimeout: true })).toMatchObject({ stdout: "done\n" });
  });

  test("prints as much as is kept of each stream, and the rest is left out", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const command = ["sh", "-c", "printf abcdef; printf xyz >&2"];
    expect(await client.command.exec({ ...FREE, command, outputBytesCap: 2 })).toEqual({
      exitCode: 0,
      stdout: "ab",
      stderr: "xy",
    });
    expect(await client.command.exec({ ...FREE, command, outputBytesCap: 0 })).toEqual({
      exitCode: 0,
      stdout: "",
      stderr: "",
    });
    const many = ["sh", "-c", "head -c 1100000 /dev/zero | tr '\\0' x"];
    expect((await client.command.exec({ ...FREE, command: many })).stdout).toHaveLength(1_048_576);
    expect((await client.command.exec({ ...FREE, command: many, disableOutputCap: true })).stdout).toHaveLength(
      1_100_000,
    );
  });

  test("that prints more than an answer can hold is ended, and its client is told", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const answer = client.command.exec({
      ...FREE,
      command: ["cat", "/dev/zero"],
      disableOutputCap: true,
      disableTimeout: true,
    });
    expect(await refusalOf(answer)).toEqual({
      code: -32603,
      message:
        "the command was ended: it printed more than 16777216 bytes, which one answer can hold; set outputBytesCap, or streamStdoutStderr to have them as they come",
    });
  });

  test("leaves nothing behind that holds its output open", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const { stdout } = await client.command.exec({ ...FREE, command: ["sh", "-c", "sleep 60 & echo $!"] });
    await until(() => !isAlive(Number(stdout)));
  });

  test("can be one of many at once", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const runs = Array.from({ length: 50 }, (_, index) =>
      client.command.exec({ ...FREE, command: ["sh", "-c", `echo ${index}`] }),
    );
    expect((await Promise.all(runs)).map(({ stdout }) => Number(stdout))).toEqual(runs.map((_, index) => index));
  });
});

describe("a command whose output is streamed", () => {
  test("is told piece by piece, all before its answer, which holds none of it", async () => {
    await using host = await openHost();
    await using client = await host.client();
    let answer: unknown;
    const deltas = await textOfDeltas(client, async () => {
      const command = ["sh", "-c", "printf one; printf two >&2"];
      answer = await client.command.exec({ ...FREE, command, processId: "s", streamStdoutStderr: true });
    });
    expect(answer).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(deltas.toSorted((a, b) => a.stream.localeCompare(b.stream))).toEqual([
      { stream: "stderr", text: "two", capReached: false },
      { stream: "stdout", text: "one", capReached: false },
    ]);
  });

  test("is told up to its cap, and goes on silently", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const told = async (outputBytesCap: number) => {
      const texts: string[] = [];
      const stop = client.on("command/exec/outputDelta", ({ deltaBase64 }) => {
        texts.push(Buffer.from(deltaBase64, "base64").toString());
      });
      const deltas = await textOfDeltas(client, async () => {
        // Each piece waits for the one before to have been told.
        const command = ["sh", "-c", "printf abc; read a; printf defgh; read b; printf ijk; exit 5"];
        const how = { processId: "c", streamStdoutStderr: true, streamStdin: true, outputBytesCap };
        const run = client.command.exec({ ...FREE, ...how, command });
        for (const bytes of [3, 8]) {
          await until(() => texts.length > 0 && texts.join("").length >= Math.min(bytes, outputBytesCap));
          await client.command.exec.write({ processId: "c", deltaBase64: "Cg==" });
        }
        expect(await run).toEqual({ exitCode: 5, stdout: "", stderr: "" });
      });
      stop();
      return deltas;
    };
    expect(await told(5)).toEqual([
      { stream: "stdout", text: "abc", capReached: false },
      { stream: "stdout", text: "de", capReached: true },
    ]);
    expect(await told(0)).toEqual([{ stream: "stdout", text: "", capReached: true }]);
    expect(await told(3)).toEqual([{ stream: "stdout", text: "abc", capReached: true }]);
    expect(await told(8)).toEqual([
      { stream: "stdout", text: "abc", capReached: false },
      { stream: "stdout", text: "defgh", capReached: true },
    ]);
  });

  test("is told to the client alone that started it", async () => {
    await using host = await openHost();
    await using client = await host.client();
    await using other = await host.client();
    const deltas = await textOfDeltas(other, async () => {
      await client.command.exec({ ...FREE, command: ["echo", "mine"], processId: "m", streamStdoutStderr: true });
      await other.command.exec({ ...FREE, command: ["true"] });
    });
    expect(deltas).toEqual([]);
  });

  test("loses nothing of a large output", async () => {
    await using host = await openHost();
    await using client = await host.client();
    let bytes = 0;
    client.on("command/exec/outputDelta", ({ deltaBase64 }) => {
      bytes += Buffer.from(deltaBase64, "base64").length;
    });
    const command = ["head", "-c", "8000000", "/dev/zero"];
    await client.command.exec({ ...FREE, command, processId: "l", streamStdoutStderr: true, disableOutputCap: true });
    expect(bytes).toBe(8_000_000);
  });
});

describe("a command in a terminal", () => {
  test("has the size that it is given, and every new one", async () => {
    await using host = await openHost();
    await using client = await host.client();
    let screen = "";
    client.on("command/exec/outputDelta", ({ stream, deltaBase64 }) => {
      expect(stream).toBe("stdout");
      screen += Buffer.from(deltaBase64, "base64").toString();
    });
    const command = ["sh", "-c", "stty size; read line; stty size; cat"];
    const run = client.command.exec({ ...FREE, command, tty: true, processId: "t", size: { rows: 5, cols: 7 } });
    await until(() => screen.includes("5 7"));
    await client.command.exec.resize({ processId: "t", size: { rows: 9, cols: 11 } });
    await client.command.exec.write({ processId: "t", deltaBase64: Buffer.from("go\n").toString("base64") });
    await until(() => screen.includes("9 11"));
    await client.command.exec.write({ processId: "t", closeStdin: true });
    expect(await run).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  });

  test("has 24 rows and 80 columns where nothing else is said", async () => {
    await using host = await openHost();
    await using client = await host.client();
    const deltas = await textOfDeltas(client, async () => {
      await client.command.exec({ ...FREE, command: ["stty", "size"], tty: true, processId: "d" });
    });
    expect(deltas.map(({ text }) => text).join("")).toBe("24 80\r\n");
  });
});

describe("the input of a command", () => {
  test("is written in order and closed once, whatever is asked for afterwards", async () => {
    await using host = await openHost();
    await using client = await host.client();
    let told = "";
    client.on("command/exec/outputDelta", ({ deltaBase64 }) => {
      told += Buffer.from(deltaBase64, "base64").toString();
    });
    const how = { processId: "i", streamStdin: true, streamStdoutStderr: true };
    const run = client.command.exec({ ...FREE, ...how, command: ["sh", "-c", "cat; sleep 60"] });
    const write = (params: object) => client.call("command/exec/write", { processId: "i", ...params });
    // Right behind, without waiting for anything.
    await Promise.all([
      write({ deltaBase64: "YQ==" }),
      write({ deltaBase64: "Yg==" }),
      write({ deltaBase64: "Yw==", closeStdin: true }),
    ]);
    expect(await write({ closeStdin: true })).toEqual({});
    expect(await write({ deltaBase64: "" })).toEqual({});
    expect(await refusalOf(write({ deltaBase64: "YQ==" }))).toEqual({
      code: -32600,
      message: "stdin is already closed",
    });
    await until(() => told === "abc");
    expect(await client.command.exec.terminate({ processId: "i" })).toEqual({});
    expect(await run).toEqual({ exitCode: 137, stdout: "", stderr: "" });
  });
});

describe("a client that leaves", () => {
  test("takes its commands with it, those that are being started too", async () => {
    await using host = await openHost();
    const client = await host.client();
    const pids = join(host.folder, "pids");
    const command = ["sh", "-c", `echo $$ >> ${pids}; sleep 60 & echo $! >> ${pids}; wait`];
    const runs = [1, 2].map(() => client.command.exec({ ...FREE, command, disableTimeout: true }));
    for (const run of runs) run.catch(() => {});
    const started = async () => (existsSync(pids) ? (await readFile(pids, "utf8")).trim().split("\n").map(Number) : []);
    await until(async () => (await started()).length === 4);
    const late = client.command.exec({ ...FREE, command: ["sleep", "60"], processId: "late", disableTimeout: true });
    const settled = Promise.allSettled([...runs, late]);
    await client.close();
    await settled;
    for (const pid of await started()) await until(() => !isAlive(pid));
  });
});
