import assert from "node:assert/strict";
import { AFTER_TOOL } from "../tui/obedient-model.ts";
import { PLACE_VARIABLE, type Place } from "../tui/placed.ts";
import type { ExecEvent, RemoteExec } from "./run-release.ts";

export interface RemoteGround {
  readonly place: Place;
  /** Run `codex exec --remote` with these words at its end. */
  exec(...args: readonly string[]): Promise<RemoteExec>;
}

/** One thing that a script does with a server by `codex exec --remote`. */
export interface RemoteCheck {
  readonly id: string;
  /** What holds, in a sentence. */
  readonly sentence: string;
  run(ground: RemoteGround): Promise<void>;
}

const plain: RemoteCheck = {
  id: "plain",
  sentence: "what is said is answered, with what it cost, and it ends with 0",
  async run({ exec }) {
    const { exitCode, events, stderr } = await exec("hello there");
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(messages(events), ["Echo: hello there"]);
    assert.match(threadOf(events), /^[0-9a-f-]{36}$/);
    assert.ok((events.at(-1)?.usage?.input_tokens ?? 0) > 0, JSON.stringify(events.at(-1)));
  },
};

const command: RemoteCheck = {
  id: "command",
  sentence: "a command runs where the thread is placed",
  async run({ exec, place }) {
    const { exitCode, events, stderr } = await exec(`run echo ran-$((40+2))-$${PLACE_VARIABLE}`);
    assert.equal(exitCode, 0, stderr);
    const [item] = completed(events, "command_execution");
    assert.equal(item?.aggregated_output, `ran-42-${place}\n`);
    assert.equal(item?.exit_code, 0);
    assert.equal(item?.status, "completed");
    assert.deepEqual(messages(events), [AFTER_TOOL]);
  },
};

const failing: RemoteCheck = {
  id: "failing-command",
  sentence: "a command that fails is told to have failed, and the turn goes on",
  async run({ exec }) {
    const { exitCode, events, stderr } = await exec("run echo so; exit 3");
    assert.equal(exitCode, 0, stderr);
    const [item] = completed(events, "command_execution");
    assert.equal(item?.exit_code, 3);
    assert.equal(item?.status, "failed");
  },
};

const unasked: RemoteCheck = {
  id: "never-asks",
  sentence: "what would have to be approved is refused without a question, and does not run",
  async run({ exec }) {
    const { exitCode, events, stderr } = await exec("ask echo never-$((40+2))");
    assert.equal(exitCode, 0, stderr);
    assert.deepEqual(completed(events, "command_execution"), []);
    assert.deepEqual(messages(events), [AFTER_TOOL]);
  },
};

const resumed: RemoteCheck = {
  id: "resume",
  sentence: "a thread is resumed by its id, in a program of its own",
  async run({ exec }) {
    const first = await exec("hello first");
    const second = await exec("resume", threadOf(first.events), "hello second");
    assert.equal(second.exitCode, 0, second.stderr);
    assert.equal(threadOf(second.events), threadOf(first.events));
    assert.deepEqual(messages(second.events), ["Echo: hello second"]);
  },
};

const unknown: RemoteCheck = {
  id: "resume-unknown",
  sentence: "a thread that there is none of is an error, and it ends with 1",
  async run({ exec }) {
    const id = "01a22e00-0000-7000-8000-000000000000";
    const { exitCode, stderr } = await exec("resume", id, "hello");
    assert.equal(exitCode, 1);
    assert.ok(stderr.includes(`no rollout found for thread id ${id}`), stderr);
  },
};

export const REMOTE_CHECKS: readonly RemoteCheck[] = [plain, command, failing, unasked, resumed, unknown];

function completed(events: readonly ExecEvent[], type: string) {
  return events.flatMap(({ type: kind, item }) => (kind === "item.completed" && item?.type === type ? [item] : []));
}

function messages(events: readonly ExecEvent[]): readonly unknown[] {
  return completed(events, "agent_message").map(({ text }) => text);
}

function threadOf(events: readonly ExecEvent[]): string {
  return events.find(({ type }) => type === "thread.started")?.thread_id ?? "";
}
