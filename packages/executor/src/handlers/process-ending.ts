import {
  END_GRACE_MAX_MS,
  type HoldfastEndProcessParams,
  type HoldfastEndProcessResult,
} from "@holdfast/exec-server-protocol";
import type { Clock } from "@holdfast/rpc";
import { endProcess } from "../process/index.ts";
import type { CallContext } from "../session/call-context.ts";
import { afterStart } from "./after-start.ts";
import { invalidParams } from "./faults.ts";

async function end(
  { processId, graceMs, forget = false }: HoldfastEndProcessParams,
  context: CallContext,
  clock: Clock,
): Promise<HoldfastEndProcessResult> {
  if (graceMs > END_GRACE_MAX_MS) throw invalidParams(`graceMs must be from 0 to ${END_GRACE_MAX_MS}, not ${graceMs}`);
  const { session } = context.connection;
  const process = session.process(processId);
  if (process === undefined) return { running: false };
  const running = await endProcess(process, { graceMs, clock });
  if (forget) session.forget(process);
  return { running };
}

/** The extension that ends processes with all that descends from them: `holdfast/*` of `holdfastProcessEnding`. */
export function processEndingHandlers({ clock }: { readonly clock: Clock }) {
  return {
    "holdfast/endProcess": afterStart((params: HoldfastEndProcessParams, context: CallContext) =>
      end(params, context, clock),
    ),
  };
}
