import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AppServer } from "@holdfast/app-server-client";
import { METHODS } from "@holdfast/app-server-protocol";
import { type CallOptions, isInvalidMessageError } from "@holdfast/app-server-protocol/client";
import type { Release } from "@holdfast/reference-peer";
import { isLinkError, isRemoteError } from "@holdfast/rpc";
import { startMockModel } from "../mock-model.ts";
import { scratchCodexHome, temporaryFolder } from "../places.ts";
import { type CallGround, EVERY_METHOD } from "./every-method.ts";
import type { Judgement } from "./judge-frames.ts";
import { judgeFrames } from "./judge-frames.ts";
import { type AppServerUnderTest, startAppServer } from "./reference-app-server.ts";

/** Longest wait for one answer, and for the end of a turn that a call began. */
const CALL_TIMEOUT_MS = 20_000;

/** Characters of an error's text that are kept. */
const TEXT_MAX_CHARACTERS = 160;

/** What a release did, by method: `ok`, the code and text of an error, or in words why there is no answer. */
export type Outcomes = ReadonlyMap<string, string>;

/** Call every method that may be called, once. */
export async function callEveryMethod(
  release: Release,
): Promise<{ readonly outcomes: Outcomes; readonly judgement: Judgement }> {
  await using folder = await temporaryFolder();
  await using home = await scratchCodexHome();
  await using model = await startMockModel([]);
  await using server = await startAppServer(release, { home: home.path, model });
  const ground = await prepare(server, folder.path);
  const outcomes = new Map<string, string>();
  for (const [method, planned] of Object.entries(EVERY_METHOD)) {
    if ("skipped" in planned) {
      outcomes.set(method, `not called: ${planned.skipped}`);
      continue;
    }
    const turnOver = nextTurn(server, ground.threadId);
    const outcome = await outcomeOf(server, method, planned(ground));
    outcomes.set(method, neutral(outcome, [folder.path, home.path, release.version]));
    if (outcome === "ok" && STARTS_TURN.has(method)) await turnOver.promise;
    turnOver.stop();
  }
  return { outcomes, judgement: judgeFrames(server.frames) };
}

/** A turn of the thread follows their answer; the next call would find it running. */
const STARTS_TURN: ReadonlySet<string> = new Set([
  "thread/queue/add",
  "turn/start",
  "review/start",
  "thread/compact/start",
  "thread/shellCommand",
]);

async function prepare(server: AppServerUnderTest, folder: string): Promise<CallGround> {
  await writeFile(join(folder, "file"), "");
  await mkdir(join(folder, "work"));
  const ids: string[] = [];
  let turnId = "";
  for (const text of ["hello deleted", "hello archived", "hello"]) {
    const thread = await server.codex.threads.start({ cwd: join(folder, "work") });
    ({ turnId } = await thread.run(text).result());
    ids.push(thread.id);
  }
  const [deletedId = "", archivedId = "", threadId = ""] = ids;
  return { folder, threadId, turnId, archivedId, deletedId };
}

function nextTurn({ codex }: AppServerUnderTest, threadId: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const off = codex.on("turn/completed", (params) => {
    if (params.threadId === threadId) resolve();
  });
  const timer = setTimeout(resolve, CALL_TIMEOUT_MS);
  const stop = (): void => {
    off();
    clearTimeout(timer);
  };
  return { promise, stop };
}

async function outcomeOf({ codex }: AppServerUnderTest, method: string, params: unknown): Promise<string> {
  const options: CallOptions = { timeoutMs: CALL_TIMEOUT_MS };
  const call = memberOf(codex, method);
  const hasParams = METHODS[method as keyof typeof METHODS].params !== null;
  try {
    // The client has done its handshake, and has no member for another one.
    if (call === undefined) await codex.call(method, params, options);
    else await (hasParams ? call(params, options) : call(options));
    return "ok";
  } catch (error) {
    if (isInvalidMessageError(error)) return `not as the protocol says: ${error.message}`;
    if (isLinkError(error)) return error.code === "timeout" ? "no answer" : `the connection: ${error.code}`;
    if (!isRemoteError(error)) throw error;
    // The table of those has the reasons.
    if (error.message.startsWith(`${method} is not served: `)) return "not served";
    return error.message.includes(`unknown variant \`${method}\``) ? "not known" : `${error.code} ${error.message}`;
  }
}

type AnyCall = (...args: readonly unknown[]) => Promise<unknown>;

/** The function of the client for a method. */
function memberOf(codex: AppServer, method: string): AnyCall | undefined {
  const steps = method.split("/");
  return steps.reduce<unknown>((at, step) => (at as Readonly<Record<string, unknown>> | undefined)?.[step], codex) as
    | AnyCall
    | undefined;
}

/** Without what is another on each run. */
function neutral(outcome: string, [folder = "", home = "", version = ""]: readonly string[]): string {
  const text = outcome
    .replaceAll(folder, "<folder>")
    .replaceAll(home, "<home>")
    .replaceAll(version, "<release>")
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<id>")
    .replaceAll(/\s+/g, " ");
  return text.length > TEXT_MAX_CHARACTERS ? `${text.slice(0, TEXT_MAX_CHARACTERS)}…` : text;
}
