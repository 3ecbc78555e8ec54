import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Line } from "./line.ts";

const KIB = 1_024;
const LIMITS = { maxQueuedInputBytes: 128 * KIB, maxHeldInputBytes: 512 * KIB, maxAllHeldInputBytes: 512 * KIB };
const REFUSED =
  "failed to write to process stdin: 524288 bytes may wait (maxHeldInputBytes); write more when earlier writes are answered";
const REFUSED_FOR_ALL = REFUSED.replace("may wait (maxHeld", "may wait for all processes (maxAllHeld");
function block(index: number) {
  return Buffer.alloc(64 * KIB, index);
}

/** What becomes of a write: its status, or the words of its refusal. */
function write(line: Line, processId: string, index: number): Promise<string> {
  return line.call("process/write", { processId, writeId: `w${index}`, chunk: block(index).toString("base64") }).then(
    ({ status }) => String(status),
    ({ message }: Error) => message,
  );
}

function startReader(line: Line, processId: string, script: string) {
  return line.start(processId, ["/bin/sh", "-c", script], { pipeStdin: true });
}

describe("a process that does not read", () => {
  test("is written to up to a bound in bytes; then writes wait, then they are refused, and it can be ended meanwhile", async () => {
    await using line = await Line.ready({ limits: LIMITS });
    await startReader(line, "p", "exec sleep 600");
    const outcomes: (string | undefined)[] = Array.from({ length: 40 });
    const writes = outcomes.map(async (_, index) => {
      outcomes[index] = await write(line, "p", index);
    });
    expect(await line.call("process/terminate", { processId: "p" })).toEqual({ running: true });
    await Promise.all(writes);
    const held = outcomes.indexOf(REFUSED);
    // What the pipe itself takes comes on top.
    expect(held).toBeGreaterThanOrEqual(8);
    expect(held).toBeLessThanOrEqual(11);
    expect(outcomes.slice(held).every((outcome) => outcome === REFUSED)).toBe(true);
    const waited = outcomes.indexOf("failed to write to process stdin");
    expect(waited).toBeGreaterThanOrEqual(2);
    expect(outcomes.slice(0, waited).every((outcome) => outcome === "accepted")).toBe(true);
    expect(outcomes.slice(waited, held).every((outcome) => outcome === outcomes[waited])).toBe(true);
  });

  test("holds up no other one, and what it held is free for others when it is gone", async () => {
    await using line = await Line.ready({ limits: LIMITS });
    await startReader(line, "p", "exec sleep 600");
    const stuck = Array.from({ length: 12 }, (_, index) => write(line, "p", index));
    await startReader(line, "q", "head -c 65536 | wc -c; exec sleep 600");
    expect(await write(line, "q", 0)).toBe("accepted");
    await line.when(() => line.text("q").includes("65536"));
    await line.call("process/terminate", { processId: "p" });
    expect(await Promise.all(stuck)).toContain(REFUSED);
    await line.when(() => line.isClosed("p"));
    const later = Array.from({ length: 8 }, (_, index) => write(line, "q", 1 + index));
    expect(await Promise.race([...later.slice(0, 1), Promise.all(later)])).toBe("accepted");
    await line.call("process/terminate", { processId: "q" });
    expect(await Promise.all(later)).not.toContain(REFUSED);
  });
});

describe("writes to a process that does not read", () => {
  test("are refused by the bound that all processes share, by its name", async () => {
    await using line = await Line.ready({ limits: LIMITS });
    await startReader(line, "p", "exec sleep 600");
    await startReader(line, "q", "exec sleep 600");
    const others = Array.from({ length: 7 }, (_, index) => write(line, "p", index));
    const outcomes = Array.from({ length: 8 }, (_, index) => write(line, "q", index));
    for (const processId of ["p", "q"]) await line.call("process/terminate", { processId });
    expect(await Promise.all(others)).not.toContain(REFUSED);
    expect(await Promise.all(outcomes)).toContain(REFUSED_FOR_ALL);
  });

  test("are bounded by their bytes: thousands of small ones are taken or wait, and others go on", async () => {
    await using line = await Line.ready();
    await startReader(line, "p", "exec sleep 600");
    await line.call("process/write", {
      processId: "p",
      writeId: "fill",
      chunk: Buffer.alloc(1 << 20).toString("base64"),
    });
    const small = Array.from({ length: 3_000 }, (_, index) =>
      line.call("process/write", { processId: "p", writeId: `s${index}`, chunk: "eA==" }).then(
        ({ status }) => String(status),
        ({ message }: Error) => message,
      ),
    );
    expect(await line.run("other", ["echo", "other"])).toBe("other\n");
    await line.call("process/terminate", { processId: "p" });
    const outcomes = new Set(await Promise.all(small));
    expect(outcomes).toEqual(new Set(["accepted", "failed to write to process stdin"]));
  });

  test("are refused by their number only when there are more than the bound says", async () => {
    await using line = await Line.ready({ limits: { maxQueuedWrites: 2, maxWaitingWrites: 3 } });
    await startReader(line, "p", "exec sleep 600");
    const outcomes = Array.from({ length: 10 }, (_, index) => write(line, "p", index));
    const refused =
      "failed to write to process stdin: 3 writes wait already (maxWaitingWrites); write more when earlier writes are answered";
    await line.call("process/terminate", { processId: "p" });
    expect((await Promise.all(outcomes)).filter((outcome) => outcome === refused).length).toBeGreaterThanOrEqual(3);
  });
});

describe("a process that reads slowly", () => {
  test("gets every byte in the order in which it was written, however many writes wait", async () => {
    await using line = await Line.ready({ limits: LIMITS });
    const count = 100;
    await startReader(line, "p", `head -c ${count * 64 * KIB} | sha256sum`);
    const pending = new Set<Promise<unknown>>();
    for (let index = 0; index < count; index += 1) {
      // Some at once, so that there are always writes that wait.
      if (pending.size === 6) await Promise.race(pending);
      const written = write(line, "p", index).then((outcome) => {
        pending.delete(written);
        expect(outcome).toBe("accepted");
      });
      pending.add(written);
    }
    await Promise.all(pending);
    const hash = createHash("sha256");
    for (let index = 0; index < count; index += 1) hash.update(block(index));
    await line.when(() => line.isClosed("p"));
    expect(line.text("p").split(" ")[0]).toBe(hash.digest("hex"));
  });

  test("gets a write that is larger than all bounds", async () => {
    await using line = await Line.ready({ limits: LIMITS });
    const bytes = 3 * 1_024 * KIB;
    await startReader(line, "p", `head -c ${bytes} | wc -c`);
    const chunk = Buffer.alloc(bytes).toString("base64");
    expect(await line.call("process/write", { processId: "p", writeId: "w", chunk })).toEqual({ status: "accepted" });
    await line.when(() => line.isClosed("p"));
    expect(line.text("p").trim()).toBe(String(bytes));
  });
});
