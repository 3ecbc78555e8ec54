import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Codex, CodexOptions, ThreadEvent, ThreadItem } from "@openai/codex-sdk";
import type { MockModel } from "../mock-model.ts";
import { AFTER_TOOL, TITLE } from "../tui/obedient-model.ts";

/** What a check may use. */
export interface SdkGround {
  /** The SDK on the program that is looked at. @param options - Over those that lead it to the model. */
  codex(options?: CodexOptions): Codex;
  /** A folder that is no git repository. */
  readonly folder: string;
  readonly model: MockModel;
  /** The SDK on a release, with the same home. */
  codexOf(version: string): Promise<Codex>;
}

/** One thing that the official SDK promises. */
export interface SdkCheck {
  readonly id: string;
  /** What holds, in a sentence. */
  readonly sentence: string;
  run(ground: SdkGround): Promise<void>;
}

/** An image of one point. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

const conversation: SdkCheck = {
  id: "conversation",
  sentence: "a thread answers, with what it cost, and goes on with what was said before",
  async run({ codex, folder, model }) {
    const thread = codex().startThread({ workingDirectory: folder, skipGitRepoCheck: true });
    const turn = await thread.run("hello there");
    assert.equal(turn.finalResponse, "Echo: hello there");
    assert.deepEqual(
      turn.items.map(({ type }) => type).filter((type) => type !== "error"),
      ["agent_message"],
    );
    assert.ok((turn.usage?.input_tokens ?? 0) > 0);
    assert.match(thread.id ?? "", /^[0-9a-f-]{36}$/);
    const next = await thread.run("and again");
    assert.equal(next.finalResponse, "Echo: and again");
    assert.match(JSON.stringify(model.requests.at(-1)?.input), /Echo: hello there/);
  },
};

const streamed: SdkCheck = {
  id: "streamed",
  sentence:
    "events come in their order: the thread, the turn, a command from its start to its end, the message, the end with its cost",
  async run({ codex, folder }) {
    const thread = codex().startThread({ workingDirectory: folder, skipGitRepoCheck: true, sandboxMode: "read-only" });
    const { events } = await thread.runStreamed("run echo one; echo two");
    const seen: ThreadEvent[] = [];
    // Releases do not know the model, and say so.
    for await (const event of events) if (!("item" in event) || event.item.type !== "error") seen.push(event);
    assert.deepEqual(
      seen.map((event) => ("item" in event ? `${event.type} ${event.item.type}` : event.type)),
      [
        "thread.started",
        "turn.started",
        "item.started command_execution",
        "item.completed command_execution",
        "item.completed agent_message",
        "turn.completed",
      ],
    );
    const [begun, over] = seen.flatMap((event) => ("item" in event ? [event.item] : []));
    assert.equal(begun?.id, over?.id);
    assert.ok(begun?.type === "command_execution" && begun.status === "in_progress");
    assert.ok(over?.type === "command_execution" && over.status === "completed");
    assert.equal(over.aggregated_output, "one\ntwo\n");
    assert.equal(over.exit_code, 0);
    assert.match(over.command, /echo one; echo two/);
    const end = seen.at(-1);
    assert.ok(end?.type === "turn.completed");
    assert.deepEqual(Object.keys(end.usage).sort(), [
      "cache_write_input_tokens",
      "cached_input_tokens",
      "input_tokens",
      "output_tokens",
      "reasoning_output_tokens",
    ]);
  },
};

const structured: SdkCheck = {
  id: "structured-output",
  sentence: "the form of the answer is asked of the model, and the answer has it",
  async run({ codex, folder, model }) {
    const schema = {
      type: "object",
      properties: { title: { type: "string" } },
      required: ["title"],
      additionalProperties: false,
    };
    const thread = codex().startThread({ workingDirectory: folder, skipGitRepoCheck: true });
    const turn = await thread.run("Give it a name", { outputSchema: schema });
    assert.deepEqual(JSON.parse(turn.finalResponse), { title: TITLE });
    assert.deepEqual(model.requests.at(-1)?.text?.format, {
      type: "json_schema",
      strict: true,
      name: "codex_output_schema",
      schema,
    });
  },
};

const images: SdkCheck = {
  id: "images",
  sentence: "images are sent with the text, each after the other",
  async run({ codex, folder, model }) {
    const path = join(folder, "point.png");
    await writeFile(path, Buffer.from(PIXEL, "base64"));
    const thread = codex().startThread({ workingDirectory: folder, skipGitRepoCheck: true });
    await thread.run([
      { type: "text", text: "hello" },
      { type: "text", text: "pictures" },
      { type: "local_image", path },
      { type: "local_image", path },
    ]);
    const said = model.requests.at(-1)?.input.findLast(({ role }) => role === "user")?.content as
      | readonly { readonly type: string; readonly image_url?: string; readonly text?: string }[]
      | undefined;
    const shown = said?.filter(({ type }) => type === "input_image") ?? [];
    assert.equal(shown.length, 2);
    for (const { image_url } of shown) assert.match(image_url ?? "", /^data:image\/png;base64,/);
    assert.ok(said?.some(({ text }) => text === "hello\n\npictures"));
  },
};

const resumed: SdkCheck = {
  id: "resume",
  sentence: "a thread is resumed by its id alone, with what was said in it",
  async run({ codex, folder, model }) {
    const options = { workingDirectory: folder, skipGitRepoCheck: true };
    const first = codex().startThread(options);
    await first.run("remember me");
    const again = codex().resumeThread(first.id ?? "", options);
    const turn = await again.run("who was it");
    assert.equal(turn.finalResponse, "Echo: who was it");
    assert.equal(again.id, first.id);
    assert.match(JSON.stringify(model.requests.at(-1)?.input), /remember me/);
  },
};

const patched: SdkCheck = {
  id: "file-change",
  sentence: "a patch in a writable workspace is applied, and told with its paths and kinds",
  async run({ codex, folder }) {
    const thread = codex().startThread({
      workingDirectory: folder,
      skipGitRepoCheck: true,
      sandboxMode: "workspace-write",
    });
    const { items } = await thread.run("patch notes.txt");
    const change = items.find(({ type }) => type === "file_change");
    assert.ok(change?.type === "file_change");
    assert.equal(change.status, "completed");
    assert.deepEqual(change.changes, [{ path: join(folder, "notes.txt"), kind: "add" }]);
    assert.equal(await readFile(join(folder, "notes.txt"), "utf8"), "first line\nsecond line\n");
  },
};

const tools: SdkCheck = {
  id: "mcp",
  sentence: "a tool of an MCP server is told with its arguments and its outcome",
  async run({ codex, folder }) {
    const thread = codex().startThread({
      workingDirectory: folder,
      skipGitRepoCheck: true,
      sandboxMode: "danger-full-access",
      approvalPolicy: "never",
    });
    const { items } = await thread.run("shout how loud");
    const call = items.find((item): item is ThreadItem & { type: "mcp_tool_call" } => item.type === "mcp_tool_call");
    assert.equal(call?.server, "loud");
    assert.equal(call?.tool, "shout");
    assert.deepEqual(call?.arguments, { text: "how loud" });
    assert.equal(call?.status, "completed");
    assert.deepEqual(call?.result?.structured_content, { text: "HOW LOUD" });
  },
};

const configured: SdkCheck = {
  id: "config",
  sentence: "members of the configuration are taken from the SDK, structured and raw ones",
  async run({ codex, folder, model }) {
    const options = {
      config: { model: "not-this", model_verbosity: "low" },
      configOverrides: ['model="raw-one"'],
    };
    const thread = codex(options).startThread({
      workingDirectory: folder,
      skipGitRepoCheck: true,
      modelReasoningEffort: "high",
      webSearchMode: "disabled",
      networkAccessEnabled: true,
      additionalDirectories: [folder],
    });
    await thread.run("hello");
    const request = model.requests.at(-1) as unknown as {
      readonly model: string;
      readonly reasoning: { readonly effort: string };
    };
    assert.equal(request.model, "raw-one");
    assert.equal(request.reasoning.effort, "high");
    await codex(options)
      .startThread({ workingDirectory: folder, skipGitRepoCheck: true, model: "chosen" })
      .run("hello");
    assert.equal((model.requests.at(-1) as unknown as { readonly model: string }).model, "chosen");
  },
};

const failing: SdkCheck = {
  id: "failure",
  sentence: "a turn that fails rejects with what the model's server said",
  async run({ codex, folder }) {
    const thread = codex().startThread({ workingDirectory: folder, skipGitRepoCheck: true });
    await assert.rejects(thread.run("fail"), /^Error: .*quota/i);
    const turn = await thread.run("and now");
    assert.equal(turn.finalResponse, "Echo: and now");
  },
};

const repository: SdkCheck = {
  id: "git-repository",
  sentence: "outside a git repository it refuses to begin, unless told to",
  async run({ codex, folder }) {
    const thread = codex().startThread({ workingDirectory: folder });
    await assert.rejects(
      thread.run("hello"),
      /Not inside a trusted directory and --skip-git-repo-check was not specified\./,
    );
  },
};

const aborted: SdkCheck = {
  id: "abort",
  sentence: "a turn that is aborted ends at once",
  async run({ codex, folder }) {
    const thread = codex().startThread({ workingDirectory: folder, skipGitRepoCheck: true });
    const abort = new AbortController();
    const { events } = await thread.runStreamed("slow words", { signal: abort.signal });
    await assert.rejects(
      async () => {
        for await (const event of events) if (event.type === "turn.started") abort.abort();
      },
      { name: "AbortError" },
    );
  },
};

/** Those whose threads go on with ours, and ours with theirs. */
const THREADS_WITH = ["0.144.6", "0.169.0", "0.171.0"] as const;
/** It reads no threads that newer releases have begun, and none of ours. */
const READS_OLD_ONES_ALONE = "0.144.6";

const crossed: readonly SdkCheck[] = THREADS_WITH.map((version) => ({
  id: `crossed-${version}`,
  sentence: `a thread of ${version} goes on here with what was said in it and done, and there again with what was said here`,
  async run({ codex, codexOf, folder, model }) {
    const options = { workingDirectory: folder, skipGitRepoCheck: true };
    const theirs = await codexOf(version);
    const begun = theirs.startThread(options);
    await begun.run("run echo their-$((40+2))");
    const id = begun.id ?? "";
    const here = await codex().resumeThread(id, options).run("run echo our-$((40+2))");
    assert.equal(here.finalResponse, AFTER_TOOL);
    assert.match(JSON.stringify(model.requests.at(-1)?.input), /their-42.*our-42/);
    const there = await theirs.resumeThread(id, options).run("and there again");
    assert.equal(there.finalResponse, "Echo: and there again");
    const heard = JSON.stringify(model.requests.at(-1)?.input);
    assert.match(heard, /their-42.*our-42.*and there again/);
    if (version === READS_OLD_ONES_ALONE) return;
    const ours = codex().startThread(options);
    await ours.run("hello from here");
    const taken = await theirs.resumeThread(ours.id ?? "", options).run("taken over");
    assert.equal(taken.finalResponse, "Echo: taken over");
    assert.match(JSON.stringify(model.requests.at(-1)?.input), /hello from here.*taken over/);
  },
}));

export const SDK_CHECKS: readonly SdkCheck[] = [
  conversation,
  streamed,
  structured,
  images,
  resumed,
  patched,
  tools,
  configured,
  failing,
  repository,
  aborted,
  ...crossed,
];
