import assert from "node:assert/strict";
import { connect } from "@holdfast/exec-client";
import { execTools, type Tool, UnifiedExec } from "@holdfast/orchestrator";
import { outputsOf, sessionIdIn, toolCall } from "../conversation.ts";
import type { CliScenario } from "../scenario.ts";

const CTRL_C = "\u0003";

/** One call of a script. `session`: the call whose command it is for. */
interface ScriptedCall {
  readonly id: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly session?: string;
}

function command(id: string, cmd: string, more: object = {}): ScriptedCall {
  return { id, args: { cmd, login: false, yield_time_ms: 10_000, ...more } };
}

/** A command that is left running. */
function left(id: string, cmd: string, more: object = {}): ScriptedCall {
  return command(id, cmd, { yield_time_ms: 500, ...more });
}

function write(id: string, session: string, more: object = {}): ScriptedCall {
  return { id, session, args: { yield_time_ms: 5_000, ...more } };
}

/** Calls that go out together, one list after the other. */
const SCRIPT: readonly (readonly ScriptedCall[])[] = [
  [
    command("plain", "echo hi; exit 3"),
    command("silent", "true"),
    command("killed", "kill -9 $$"),
    command("no text", "printf 'a\\377b\\n'"),
    command("no line end", "printf abc"),
    command("escapes", "printf '\\033[31mred\\033[0m\\r\\n'"),
    command("terminal", "echo in a terminal; tty -s", { tty: true }),
    command("shortened", "seq 1 2000", { max_output_tokens: 20 }),
    command("of nothing", "seq 1 20", { max_output_tokens: 0 }),
    command("between characters", "yes é | head -c 200000", { max_output_tokens: 100 }),
    command("not kept", "head -c 3000000 /dev/zero | tr '\\0' x | fold -w 99", { max_output_tokens: 2_000 }),
    command("empty", ""),
    command("elsewhere", "pwd", { workdir: "/usr" }),
    command("no folder", "pwd", { workdir: "" }),
    command("prefix", "echo p", { prefix_rule: ["echo"] }),
    command("unknown environment", "true", { environment_id: "nope" }),
    command("escalated", "true", { sandbox_permissions: "require_escalated", justification: "why" }),
    command("stray words", "true", { justification: "why" }),
    command("variables", "env | grep -E '^(NO_COLOR|TERM|LC_|COLORTERM|PAGER|G[A-Z]*_PAGER|CODEX_CI)' | sort"),
  ],
  [
    left("runs", "echo start; exec sleep 1000"),
    left("trap", "trap 'echo trapped; exit 42' INT; echo ready; while :; do sleep 0.1; done"),
    left("no trap", "exec sleep 1000"),
    left("typed", "cat", { tty: true }),
    left("typed trap", "trap 'echo trapped; exit 42' INT; echo ready; while :; do sleep 0.1; done", { tty: true }),
    left("later", "sleep 1.5; echo out"),
  ],
  [
    write("text to pipes", "runs", { chars: "hello\n" }),
    write("interrupted twice", "runs", { chars: CTRL_C + CTRL_C }),
    write("interrupted", "trap", { chars: CTRL_C }),
    write("ended by it", "no trap", { chars: CTRL_C }),
    write("text", "typed", { chars: "hello\n", yield_time_ms: 1_000 }),
    write("ctrl-c", "typed trap", { chars: CTRL_C }),
    write("waited for", "later"),
    { id: "unknown", args: { session_id: 7, chars: "x" } },
  ],
  [write("gone", "trap"), write("end of input", "typed", { chars: "\u0004" }), write("waited for again", "later")],
];

/** Refused by both, in their own words. */
const OWN_WORDS: ReadonlySet<string> = new Set(["stray words"]);

function isWrite({ args }: ScriptedCall): boolean {
  return !("cmd" in args);
}

function argumentsOf({ args, session }: ScriptedCall, outputs: ReadonlyMap<string, string>): object {
  return session === undefined ? args : { session_id: sessionIdIn(outputs.get(session) ?? ""), ...args };
}

/** What differs from run to run. */
function withoutChance(text: string): string {
  return text
    .replace(/^Chunk ID: [0-9a-f]{6}$/m, "Chunk ID: …")
    .replace(/^Wall time: \d+\.\d{4} seconds$/m, "Wall time: …")
    .replace(/^Process running with session ID \d+$/m, "Process running with session ID …")
    .replace(/Unknown process id \d{4,}/, "Unknown process id …");
}

async function answer(tools: readonly Tool[], call: ScriptedCall, outputs: ReadonlyMap<string, string>) {
  const name = isWrite(call) ? "write_stdin" : "exec_command";
  const tool = tools.find((each) => each.name === name);
  const result = await tool?.call(argumentsOf(call, outputs), { callId: call.id });
  const [content] = result?.content ?? [];
  return content?.type === "text" ? content.text : "";
}

export const CLI_UNIFIED_EXEC: readonly CliScenario[] = [
  {
    direction: "cli",
    id: "cli.exec-words",
    sentence: "a model reads the same of the same commands from our tools as from a release, on the same executor",
    requirements: ["exec.words"],
    essential: true,
    cliSince: "0.169.0",
    async run(context) {
      await using served = await context.serve();
      const theirs = new Map<string, string>();
      const { outputs } = await context.converse(
        served.url,
        SCRIPT.map((calls) => (request) => {
          for (const [id, text] of outputsOf(request)) theirs.set(id, text);
          return calls.map((call) =>
            toolCall(call.id, isWrite(call) ? "write_stdin" : "exec_command", argumentsOf(call, theirs)),
          );
        }),
      );
      for (const [id, text] of outputs) theirs.set(id, text);
      await using executor = await connect(served.url);
      await using exec = new UnifiedExec({
        environments: (id) =>
          id === undefined ? { id: "remote", executor, cwd: context.folder, isRemote: true } : undefined,
        settings: { sandbox: "none" },
      });
      const tools = execTools(exec);
      const ours = new Map<string, string>();
      for (const calls of SCRIPT) {
        const texts = await Promise.all(calls.map((call) => answer(tools, call, ours)));
        for (const [index, { id }] of calls.entries()) ours.set(id, texts[index] ?? "");
      }
      for (const [id, text] of ours) {
        if (OWN_WORDS.has(id)) {
          for (const words of [text, theirs.get(id)]) assert.match(words ?? "", /justification.*sandbox_permissions/);
          continue;
        }
        assert.equal(withoutChance(text), withoutChance(theirs.get(id) ?? ""), `the answer to "${id}"`);
      }
    },
  },
];
