import type { FakeExecServer } from "./fake-exec-server.ts";

/** Tell of processes that nobody started: whole lives, ends without beginnings, names that mean something to objects. */
export function tellOfUnknownProcesses(server: FakeExecServer): void {
  for (const processId of ["stranger", "", "__proto__", "constructor", "x".repeat(10_000)]) {
    server.output(processId, 1, "not yours");
    server.exited(processId, 2);
    server.finished(processId, 3);
    server.finished(processId, Number.MAX_SAFE_INTEGER);
  }
}
