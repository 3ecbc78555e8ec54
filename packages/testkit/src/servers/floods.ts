import type { FakeExecServer } from "./fake-exec-server.ts";

/** Say as many notices in one turn: of no known kind, or output of one process from `firstSeq` on. */
export function floodNotices(
  server: FakeExecServer,
  count: number,
  output?: { readonly processId: string; readonly firstSeq: number },
): void {
  for (let index = 0; index < count; index += 1) {
    if (output === undefined) server.notify("flood/notice", { index, filler: "x".repeat(100) });
    else server.output(output.processId, output.firstSeq + index, `${index};`);
  }
}
