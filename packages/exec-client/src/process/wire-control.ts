import type { ExecServerClient } from "@holdfast/exec-server-protocol/client";
import { ProcessInputError } from "../errors.ts";
import type { ProcessControl } from "./process-control.ts";

/**
 * Of an executor with the capability `holdfastProcessControl`.
 *
 * @param canEnd - Whether it has `holdfastProcessEnding` as well.
 */
export function wireControl(
  processId: string,
  stub: Pick<ExecServerClient, "holdfast">,
  canEnd: boolean,
): ProcessControl {
  return {
    async signal(signal) {
      const { delivered } = await stub.holdfast.signalProcess({ processId, signal });
      return delivered;
    },
    async resize({ rows, columns }) {
      await stub.holdfast.resizeTerminal({ processId, rows, columns });
    },
    async closeStdin() {
      const { status } = await stub.holdfast.closeStdin({ processId });
      // Forgotten: it ended before it was told.
      if (status !== "accepted" && status !== "unknownProcess") throw new ProcessInputError(status, processId);
    },
    end: canEnd
      ? async (graceMs, forget) => {
          await stub.holdfast.endProcess({ processId, graceMs, ...(forget && { forget }) });
        }
      : undefined,
    endDescendants: async () => {},
  };
}
