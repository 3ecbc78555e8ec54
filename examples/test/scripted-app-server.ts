// An app server on its standard streams that plays one turn: what an agent says, a command, a change of a file, each after leave for it. And a terminal,
// which shows its size, greets whom it is told of, and ends with the next line.
import { stdioPort } from "@holdfast/rpc/stdio";
import { until } from "@holdfast/testkit";
import { FakeAppServer, threadAnswer } from "@holdfast/testkit/servers";

const IDS = { threadId: "thread-1", turnId: "turn-1" };
const WORDS = ["Look", "ing ", "around."];

interface Answer {
  readonly id: number;
  readonly result?: { readonly decision?: string };
}

const turn = (status: string) => ({ id: IDS.turnId, items: [], itemsView: "notLoaded", status, error: null });

/** What is asked is done only when the answer is `accept`. */
async function decided(server: FakeAppServer, id: number, method: string, params: object): Promise<boolean> {
  server.send({ id, method, params: { ...IDS, startedAtMs: 1, ...params } });
  const answer = await until(() => (server.answers as readonly Answer[]).find((each) => each.id === id));
  return answer.result?.decision === "accept";
}

async function play(server: FakeAppServer, asks: boolean): Promise<void> {
  const begun = (item: object): void => server.notify("item/started", { ...IDS, item, startedAtMs: 1 });
  const done = (item: object): void => server.notify("item/completed", { ...IDS, item, completedAtMs: 2 });
  server.notify("turn/started", { threadId: IDS.threadId, turn: turn("inProgress") });
  const text = WORDS.join("");
  for (const delta of WORDS) server.notify("item/agentMessage/delta", { ...IDS, itemId: "msg-1", delta });
  done({ type: "agentMessage", id: "msg-1", text });
  for (const [id, command] of ["touch new.txt", "rm -rf /"].entries()) {
    const item = {
      type: "commandExecution",
      id: `call-${id}`,
      command,
      cwd: "/srv/repo",
      commandActions: [],
      status: "inProgress",
    };
    begun(item);
    const params = { itemId: item.id, command, cwd: item.cwd };
    const isAllowed = !asks || (await decided(server, id, "item/commandExecution/requestApproval", params));
    done({ ...item, status: isAllowed ? "completed" : "declined", aggregatedOutput: isAllowed ? "done\n" : null });
  }
  const changes = [{ path: "/srv/repo/new.txt", kind: { type: "update" }, diff: "+one" }];
  const patch = { type: "fileChange", id: "patch-1", changes, status: "inProgress" };
  begun(patch);
  const isAllowed = !asks || (await decided(server, 2, "item/fileChange/requestApproval", { itemId: patch.id }));
  done({ ...patch, status: isAllowed ? "completed" : "declined" });
  const breakdown = {
    totalTokens: 42,
    inputTokens: 40,
    cachedInputTokens: 0,
    outputTokens: 2,
    reasoningOutputTokens: 0,
  };
  const tokenUsage = { total: breakdown, last: breakdown, modelContextWindow: null };
  server.notify("thread/tokenUsage/updated", { ...IDS, tokenUsage });
  server.notify("turn/completed", { threadId: IDS.threadId, turn: turn("completed") });
}

/** A command on a terminal: its size, who is typed in, its size again, and an end. */
class Terminal {
  readonly #server: FakeAppServer;
  readonly #ended = Promise.withResolvers<unknown>();
  #size: Size;
  #lines = 0;

  constructor(server: FakeAppServer, size: Size) {
    this.#server = server;
    this.#size = size;
    this.#show(`${size.rows} ${size.cols}`);
  }

  get ended(): Promise<unknown> {
    return this.#ended.promise;
  }

  resize(size: Size): void {
    this.#size = size;
  }

  type(line: string): void {
    this.#lines += 1;
    if (this.#lines === 1) this.#show(`hello ${line.trim()}\r\n${this.#size.rows} ${this.#size.cols}`);
    else this.#ended.resolve({ exitCode: 7, stdout: "", stderr: "" });
  }

  #show(text: string): void {
    const deltaBase64 = Buffer.from(`${text}\r\n`).toString("base64");
    this.#server.notify("command/exec/outputDelta", {
      processId: "shell",
      stream: "stdout",
      deltaBase64,
      capReached: false,
    });
  }
}

interface Size {
  readonly rows: number;
  readonly cols: number;
}

let terminal: Terminal | undefined;
const port = stdioPort({ input: process.stdin, output: process.stdout });
let asks = false;
new FakeAppServer(port, {
  "thread/start": (params) => {
    asks = (params as { readonly approvalPolicy?: string }).approvalPolicy === "on-request";
    return threadAnswer(IDS.threadId);
  },
  "command/exec": (params, server) => {
    terminal = new Terminal(server, (params as unknown as { readonly size: Size }).size);
    return terminal.ended;
  },
  "command/exec/resize": (params) => {
    terminal?.resize((params as unknown as { readonly size: Size }).size);
    return {};
  },
  "command/exec/write": (params) => {
    const { deltaBase64 } = params as unknown as { readonly deltaBase64: string };
    terminal?.type(Buffer.from(deltaBase64, "base64").toString());
    return {};
  },
  "turn/start": (_, server) => {
    setImmediate(() => void play(server, asks));
    return { turn: turn("inProgress") };
  },
});
