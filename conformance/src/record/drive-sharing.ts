import { startParams } from "../start-params.ts";
import type { WireLine } from "../wire-line.ts";

function write(processId: string, writeId: string) {
  return { processId, writeId, chunk: Buffer.from(`${writeId}\n`).toString("base64") };
}

/** Two clients at one process: every message of it that there is, and what is refused. */
export async function driveSharing(owner: WireLine, other: WireLine, folder: string): Promise<void> {
  const { sessionId } = owner;
  const [cat, terminal] = [
    { sessionId, processId: "shared" },
    { sessionId, processId: "shared terminal" },
  ];
  await owner.call("process/start", startParams(folder, { ...cat, argv: ["/bin/cat"], pipeStdin: true }));
  await owner.call("process/start", startParams(folder, { ...terminal, argv: ["/bin/sleep", "60"], tty: true }));
  await other.call("holdfast/listShared", { sessionId, afterProcessId: null, limit: null });
  await other.call("holdfast/listShared", { sessionId, limit: 0 });
  await other.call("holdfast/listShared", { sessionId: "no session" });
  await other.call("holdfast/readShared", { ...cat, afterSeq: null, maxBytes: null, waitMs: null });
  await other.call("holdfast/readShared", terminal);
  await other.call("holdfast/readShared", { sessionId, processId: "nobody" });
  await owner.call("holdfast/awaitInput", { processId: cat.processId, isTaken: false });
  await owner.call("holdfast/awaitInput", { processId: "nobody", isTaken: false });
  await other.call("holdfast/writeShared", { ...write(cat.processId, "early"), sessionId });
  await other.call("holdfast/resizeShared", { ...terminal, rows: 40, columns: 100 });
  await owner.call("holdfast/takeInput", cat);
  await other.call("holdfast/takeInput", cat);
  await other.call("holdfast/takeInput", terminal);
  await owner.call("holdfast/awaitInput", { processId: cat.processId, isTaken: false, waitMs: 10_000 });
  await other.call("holdfast/writeShared", { ...write(cat.processId, "by hand"), sessionId });
  await owner.when(() => owner.outputOf(cat.processId) === "by hand\n");
  await other.call("holdfast/readShared", { ...cat, afterSeq: 0, maxBytes: 100, waitMs: 0 });
  await other.call("holdfast/resizeShared", { ...terminal, rows: 40, columns: 100 });
  await other.call("holdfast/resizeShared", { ...terminal, rows: 0, columns: 100 });
  await other.call("holdfast/resizeShared", { ...cat, rows: 40, columns: 100 });
  await other.call("holdfast/giveInput", cat);
  await other.call("holdfast/giveInput", terminal);
  await other.call("holdfast/giveInput", { sessionId, processId: "nobody" });
  for (const named of [cat, terminal]) {
    await other.call("holdfast/signalShared", { ...named, signal: "SIGKILL" });
    await owner.notice("process/closed", named.processId);
    await other.call("holdfast/signalShared", { ...named, signal: "SIGTERM" });
  }
  await other.call("holdfast/signalShared", { sessionId, processId: "nobody", signal: "SIGTERM" });
  await other.call("holdfast/readShared", { ...cat, afterSeq: 1 });
  await other.call("holdfast/takeInput", cat);
}
