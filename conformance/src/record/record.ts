import { realpath, writeFile } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { dirname, join } from "node:path";
import type { Release } from "@holdfast/reference-peer";
import { execCommand, sessionIdOf, toolCall } from "../conversation.ts";
import type { AcceptedMessage } from "../corpus.ts";
import { type ModelTurn, startMockModel } from "../mock-model.ts";
import { CODEX_HOMES, temporaryFolder } from "../places.ts";
import { type RecordedMessage, startRecorder } from "../recorder.ts";
import { runReferenceCli, type SandboxMode } from "../reference-cli.ts";
import { startReferenceExecutor } from "../reference-executor.ts";
import { WireLine } from "../wire-line.ts";
import { driveFiles } from "./drive-files.ts";
import { driveEnvironmentFacts, driveHttp } from "./drive-outside.ts";
import { driveProcesses } from "./drive-processes.ts";
import { driveSandbox } from "./drive-sandbox.ts";
import { labelMessages } from "./label-messages.ts";
import { type Replacement, Scrubber } from "./scrub.ts";
import { oncePerShape } from "./shape.ts";

const SANDBOX_MODES: readonly SandboxMode[] = ["danger-full-access", "workspace-write", "read-only"];

const PATCH = "*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch";
const WAIT = { yield_time_ms: 700 };

const TURNS: readonly ModelTurn[] = [
  () => [execCommand("c1", "echo out; echo err >&2; exit 3"), execCommand("c2", "cat", { tty: true, ...WAIT })],
  (request) => [toolCall("c3", "write_stdin", { session_id: sessionIdOf(request, "c2"), chars: "ping\n", ...WAIT })],
  (request) => [toolCall("c4", "write_stdin", { session_id: sessionIdOf(request, "c2"), chars: "\u0003", ...WAIT })],
  () => [execCommand("c5", "sleep 30", WAIT)],
  (request) => [toolCall("c6", "write_stdin", { session_id: sessionIdOf(request, "c5"), chars: "\u0003", ...WAIT })],
  () => [execCommand("c7", `apply_patch <<'EOF'\n${PATCH}\nEOF`)],
];

async function recordCli(release: Release, folder: string, sandbox: SandboxMode): Promise<readonly RecordedMessage[]> {
  await using executor = await startReferenceExecutor(release, folder);
  await using recorder = await startRecorder(executor.url);
  // A sandbox that is not to be had on this machine fails a turn; what crossed the wire until then still counts.
  await using model = await startMockModel(TURNS);
  await runReferenceCli({ release, executorUrl: recorder.url, model, cwd: folder, sandbox });
  return [...recorder.messages];
}

async function recordDirect(release: Release, folder: string): Promise<readonly RecordedMessage[]> {
  await using executor = await startReferenceExecutor(release, folder);
  await using recorder = await startRecorder(executor.url);
  await using line = await WireLine.open(recorder.url);
  await driveProcesses(line, folder);
  await driveFiles(line, folder);
  await driveSandbox(line, folder);
  await driveHttp(line);
  await driveEnvironmentFacts(line, folder);
  await using resumed = await WireLine.open(recorder.url, { handshake: false });
  await resumed.call("environment/info", null);
  const resumeSessionId = "00000000-0000-4000-8000-00000000dead";
  await resumed.call("initialize", { clientName: "conformance", resumeSessionId });
  await resumed.call("initialize", { clientName: "conformance", resumeSessionId: line.sessionId });
  return [...recorder.messages];
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** What this machine and this run put into messages, and what the corpus says instead. */
async function replacementsFor(release: Release, folder: string): Promise<Replacement[]> {
  const vendor = dirname(dirname(release.program));
  return [
    [folder, "/srv/repo"],
    [new RegExp(`${escapeForRegExp(CODEX_HOMES)}/run-\\w+`, "g"), "/home/dev/.codex"],
    [await realpath(vendor), "/opt/codex"],
    [vendor, "/opt/codex"],
    [homedir(), "/home/dev"],
    [hostname(), "executor"],
  ];
}

/** How many requests came before depends on timing; -1 has a meaning of its own. */
function withFixedId(message: AcceptedMessage["message"]): AcceptedMessage["message"] {
  return typeof message.id === "number" && message.id > 0 ? { ...message, id: 1 } : message;
}

/** Every message of a release, once per shape, with nothing of this machine in it. */
export async function recordRelease(release: Release): Promise<AcceptedMessage[]> {
  const messages: AcceptedMessage[] = [];
  for (const source of ["direct", ...SANDBOX_MODES] as const) {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "AGENTS.md"), "Be brief.\n");
    const recorded =
      source === "direct" ? await recordDirect(release, folder.path) : await recordCli(release, folder.path, source);
    const scrubber = new Scrubber(await replacementsFor(release, folder.path));
    for (const { message, ...label } of labelMessages(recorded)) {
      const neutral = withFixedId(scrubber.scrub(message) as AcceptedMessage["message"]);
      const isOurs = source === "direct" && label.from === "client";
      const author = isOurs ? "driver" : "release";
      messages.push({ release: release.version, author, ...label, message: neutral });
    }
  }
  return oncePerShape(messages);
}
