import type { TuiCheck } from "../tui-check.ts";
import { asked, decline, session } from "./approvals.ts";
import { cutApproval, cutCommand, cutExecutor, cutIdle, cutText, restarted } from "./cut-line.ts";
import { editing, patching, refusedPatch } from "./patches.ts";
import { compact, quit, resume, shell, status } from "./session.ts";
import { tool } from "./tools.ts";
import { interrupt, interruptCommand, plain, running, steer } from "./turns.ts";

/** In the order of a session. */
export const TUI_CHECKS: readonly TuiCheck[] = [
  plain,
  running,
  asked,
  decline,
  session,
  patching,
  editing,
  refusedPatch,
  tool,
  interrupt,
  interruptCommand,
  steer,
  shell,
  compact,
  status,
  cutIdle,
  cutText,
  cutCommand,
  cutApproval,
  cutExecutor,
  restarted,
  quit,
  resume,
];
