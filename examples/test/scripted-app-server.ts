// An app server on its standard streams that plays one turn: what an agent says, a command, a change of a file, each after leave for it.
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

const port = stdioPort({ input: process.stdin, output: process.stdout });
let asks = false;
new FakeAppServer(port, {
  "thread/start": (params) => {
    asks = (params as { readonly approvalPolicy?: string }).approvalPolicy === "on-request";
    return threadAnswer(IDS.threadId);
  },
  "turn/start": (_, server) => {
    setImmediate(() => void play(server, asks));
    return { turn: turn("inProgress") };
  },
});
