import { readFile } from "node:fs/promises";
import { type Opening, ProgramEnded, type SpawnStdioOptions, spawnStdio } from "@holdfast/rpc/stdio";
import { RecordingReceiver } from "@holdfast/rpc/testing";
import { isAlive, leakGuard, tempDir, until } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";

function shell(script: string, options: Partial<SpawnStdioOptions>) {
  return spawnStdio({ command: "sh", args: ["-c", script], ...options });
}

describe("what is said before the first frame", () => {
  test("is said in lines and bytes, and what follows is left to the port", async () => {
    await using guard = leakGuard();
    const said: (string | undefined)[] = [];
    const script = 'printf "hello\\nsize?\\n"; head -c 5; printf "\\nready\\n{}\\n"; exec cat';
    const { port } = await shell(script, {
      opening: async (talk) => {
        said.push(await talk.line(), await talk.line());
        await talk.write(Buffer.from("12345"));
        said.push(await talk.line(), await talk.line());
      },
    });
    expect(said).toEqual(["hello", "size?", "12345", "ready"]);
    const receiver = new RecordingReceiver();
    port.open(receiver);
    port.send("[]");
    expect(await receiver.framesArrived(2)).toEqual(["{}", "[]"]);
    port.close(1000, "done");
    await receiver.closedOnce();
    await guard.check();
  });

  test("fails with how the program ended and its last words, when it ends meanwhile", async () => {
    await using guard = leakGuard();
    const opening = async (talk: Opening): Promise<void> => {
      if ((await talk.line()) === undefined) throw new Error("nothing was said");
    };
    const error = await shell("echo 'no \u001b[1mroute' >&2; exit 255", { opening }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: "LinkError",
      code: "closed",
      delivery: "not-sent",
      message: "sh exited with code 255: no route",
      cause: { status: { code: 255, signal: null }, stderr: "no route" },
    });
    expect((error as Error).cause).toBeInstanceOf(ProgramEnded);
    await guard.check();
  });

  test("ends the program when it throws, and throws that", async () => {
    await using folder = await tempDir();
    const pidFile = folder.join("pid");
    const opening = async (talk: Opening): Promise<void> => {
      throw new Error(`not this one: ${await talk.line()}`);
    };
    const script = `echo $$ >'${pidFile}'; echo word; exec sleep 600`;
    await expect(shell(script, { opening })).rejects.toThrow("not this one: word");
    const pid = Number(await readFile(pidFile, "utf8"));
    await until(() => !isAlive(pid));
  });

  test("ends the program by its signal", async () => {
    await using guard = leakGuard();
    const stop = new AbortController();
    const opening = async (talk: Opening): Promise<void> => {
      await talk.line();
      stop.abort(new Error("enough"));
      await talk.line();
    };
    await expect(shell("echo word; exec sleep 600", { opening, signal: stop.signal })).rejects.toMatchObject({
      code: "aborted",
      message: "starting sh was aborted: enough",
    });
    await guard.check();
  });

  test.each([
    ["something is said first", async (talk: Opening): Promise<void> => void (await talk.line())],
    ["nothing is", undefined],
  ])("is not waited for when the signal came while the program was started, where %s", async (_what, opening) => {
    await using guard = leakGuard();
    const stop = new AbortController();
    const started = shell("exec sleep 600", { opening, signal: stop.signal });
    stop.abort(new Error("enough"));
    await expect(started).rejects.toMatchObject({ code: "aborted", message: "starting sh was aborted: enough" });
    await guard.check();
  });

  test("has an end: a line without one is an error", async () => {
    const opening = async (talk: Opening): Promise<void> => void (await talk.line());
    await expect(shell("exec cat /dev/zero", { opening })).rejects.toThrow("a line of more than 65536 bytes");
  });
});

describe("a child whose port closes", () => {
  test("has its time to pass on what it got, where it is given some", async () => {
    await using folder = await tempDir();
    const file = folder.join("got");
    const script = `cat >'${file}.part'; sleep 0.2; mv '${file}.part' '${file}'`;
    const { port } = await shell(script, { closeGraceMs: 10_000 });
    const receiver = new RecordingReceiver();
    port.open(receiver);
    port.send("last words");
    port.close(1000, "done");
    expect(await receiver.closedOnce()).toMatchObject({ initiator: "local", reason: "done" });
    expect(await readFile(file, "utf8")).toBe("last words\n");
  });

  test("is ended when it takes longer", async () => {
    const { port } = await shell("exec sleep 600", { closeGraceMs: 50 });
    const receiver = new RecordingReceiver();
    port.open(receiver);
    port.close(1000, "done");
    await receiver.closedOnce();
  });
});
