import type { Handlers } from "./fake-exec-server.ts";

/** How an exit lacks its code: the member is absent or null, or there is no exit at all before the close. */
export type MissingExitCode = "absent" | "null" | "no exit";

/** Ends every process without saying with which code. */
export function exitsWithoutCode(kind: MissingExitCode): Handlers {
  return {
    "process/start": ({ processId }, server) => {
      setImmediate(() => {
        server.output(processId, 1, "last words");
        if (kind === "no exit") {
          server.finished(processId, 2);
          return;
        }
        const code = kind === "null" ? { exitCode: null } : {};
        server.notify("process/exited", { processId, seq: 2, sandboxDenied: false, ...code });
        server.finished(processId, 3);
      });
      return { processId };
    },
  };
}
