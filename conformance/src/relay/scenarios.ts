import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Executor } from "@holdfast/exec-client";
import { execCommand } from "../conversation.ts";
import type { ModelTurn } from "../mock-model.ts";
import type { Conversation } from "../scenario.ts";
import type { Joined } from "./joined.ts";
import { atMarks, flawIn, MARKED_COMMAND, MARKS } from "./marked-command.ts";

/** A promise about a join, whoever the harness is. */
export interface JoinScenario {
  readonly id: string;
  readonly sentence: string;
  /** Part of the short form. */
  readonly essential: boolean;
  /** Ours is the harness. Throws when the promise is not kept. */
  client(joined: Joined, executor: Executor): Promise<void>;
  /** A release is; `converse` has it work through a script to its end. */
  cli(joined: Joined, converse: (turns: readonly ModelTurn[]) => Promise<Conversation>): Promise<void>;
}

const MEBIBYTE = 1 << 20;
const OUTPUT_BYTES = 4 * MEBIBYTE;
const BLOB_BYTES = 3 * MEBIBYTE + 17;
/** A cut comes so many bytes later: in the middle of a frame. */
const INTO_FRAME_BYTES = 60;

function digestOf(bytes: string | Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

const PATCH = `*** Begin Patch
*** Add File: deep/new.txt
+added line
*** Update File: old.txt
@@
 first
-second
+changed
*** End Patch`;

const WORK: JoinScenario = {
  id: "work",
  sentence: "commands run to their end with all they print, and files are written and read byte for byte",
  essential: true,
  async client({ folder }, executor) {
    const result = await executor.run(["/bin/sh", "-c", "pwd; echo err >&2; exit 3"], { cwd: folder });
    assert.deepEqual([result.stdout, result.stderr, result.exitCode], [`${folder}\n`, "err\n", 3]);
    const argv = ["/bin/sh", "-c", `yes 0123456789 | head -c ${OUTPUT_BYTES}`];
    await using running = await executor.processes.start({ argv, cwd: folder });
    const hash = createHash("sha256");
    for await (const event of running.events()) if (event.type === "output") hash.update(event.data);
    assert.equal(hash.digest("hex"), digestOf("0123456789\n".repeat(OUTPUT_BYTES / 11 + 1).slice(0, OUTPUT_BYTES)));
    await using cat = await executor.processes.start({ argv: ["/bin/cat"], cwd: folder, pipeStdin: true });
    await cat.write("echoed\n");
    for await (const line of cat.lines()) {
      assert.equal(line, "echoed");
      break;
    }
    await cat.terminate();
    await cat.closed;
    const path = join(folder, "blob");
    const blob = Buffer.from(Uint8Array.from({ length: BLOB_BYTES }, (_, n) => (n * 31 + (n >> 8)) & 0xff));
    await executor.fs.writeFile(path, blob);
    assert.equal(digestOf(await readFile(path)), digestOf(blob));
    assert.equal(digestOf(await executor.fs.readFile(path)), digestOf(blob));
  },
  async cli({ folder }, converse) {
    await writeFile(join(folder, "AGENTS.md"), "Always answer in verse 7319.\n");
    await writeFile(join(folder, "old.txt"), "first\nsecond\n");
    const { outputs, firstRequest } = await converse([
      () => [execCommand("c1", "pwd; echo err >&2; exit 3"), execCommand("c2", "yes 0123456789 | head -n 500")],
      () => [execCommand("c3", `apply_patch <<'EOF'\n${PATCH}\nEOF`)],
    ]);
    assert.ok(firstRequest.includes("Always answer in verse 7319."), "the executor's AGENTS.md is told to the model");
    const first = outputs.get("c1") ?? "";
    assert.ok(first.includes(folder) && first.includes("err") && first.includes("exited with code 3"), first);
    assert.equal(outputs.get("c2")?.match(/^0123456789$/gm)?.length, 500);
    assert.match(outputs.get("c3") ?? "", /Success/);
    assert.equal(await readFile(join(folder, "deep/new.txt"), "utf8"), "added line\n");
    assert.equal(await readFile(join(folder, "old.txt"), "utf8"), "first\nchanged\n");
  },
};

/** The marked command, with something done to the line at `marks`. */
function interrupted(
  { id, sentence, marks }: { id: string; sentence: string; marks: readonly number[] },
  interrupt: (joined: Joined) => void | Promise<void>,
): JoinScenario {
  const during = async (joined: Joined, work: () => Promise<string | undefined>): Promise<void> => {
    const over = new AbortController();
    const interrupting = atMarks(joined.folder, marks, () => joined.interrupted(() => interrupt(joined)), over.signal);
    // It is awaited in the end; work that fails meanwhile fails for its own reason.
    interrupting.catch(() => {});
    try {
      assert.equal(await Promise.race([work(), interrupting.then(() => new Promise<never>(() => {}))]), undefined);
    } finally {
      over.abort();
    }
    await interrupting;
  };
  return {
    id,
    sentence,
    essential: true,
    client: (joined, executor) =>
      during(joined, async () => {
        const { stdout, exitCode } = await executor.run(["/bin/sh", "-c", MARKED_COMMAND], { cwd: joined.folder });
        return flawIn(stdout, exitCode);
      }),
    cli: (joined, converse) =>
      during(joined, async () => {
        const { outputs } = await converse([() => [execCommand("c1", MARKED_COMMAND, { yield_time_ms: 29_000 })]]);
        const output = outputs.get("c1") ?? "";
        const code = /Process exited with code (\d+)/.exec(output)?.[1];
        return code === undefined ? `no exit code in ${output}` : flawIn(output, Number(code));
      }),
  };
}

const [EARLY = 0, MIDDLE = 0] = MARKS;

export const JOIN_SCENARIOS: readonly JoinScenario[] = [
  WORK,
  interrupted(
    {
      id: "cut-harness",
      sentence: "the harness's socket is cut three times under a command: nothing it prints is lost",
      marks: MARKS,
    },
    ({ harnessFront }) => harnessFront.line.cutAfter("down", INTO_FRAME_BYTES),
  ),
  interrupted(
    {
      id: "cut-executor",
      sentence: "the executor's socket is cut twice under a command: nothing it prints is lost",
      marks: [EARLY, MIDDLE],
    },
    ({ executorFront }) => executorFront.line.cutAfter("up", INTO_FRAME_BYTES),
  ),
  interrupted(
    {
      id: "restart",
      sentence: "the relay is killed and started again under a command: nothing it prints is lost",
      marks: [MIDDLE],
    },
    async ({ relay }) => {
      await relay.kill();
      await relay.start();
    },
  ),
];
