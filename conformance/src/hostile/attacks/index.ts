import type { Attack } from "../attack.ts";
import { BINARY_MESSAGES } from "./binary-messages.ts";
import { COPIES } from "./copies.ts";
import { COST } from "./cost.ts";
import { HOSTILE_EXECUTOR } from "./hostile-executor.ts";
import { INPUT } from "./input.ts";
import { LISTENING } from "./listening.ts";
import { LISTENING_MODES } from "./listening-modes.ts";
import { LOADING } from "./loading.ts";
import { RECORDS } from "./records.ts";
import { ROOTS } from "./roots.ts";

/** Every attack, in the order of the report. */
export const ATTACKS: readonly Attack[] = [
  ...ROOTS,
  ...LOADING,
  ...INPUT,
  ...COPIES,
  ...HOSTILE_EXECUTOR,
  ...LISTENING,
  ...LISTENING_MODES,
  ...BINARY_MESSAGES,
  ...COST,
  ...RECORDS,
];
