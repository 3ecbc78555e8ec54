export type { ResponseItem } from "./model/response-item.ts";
export type {
  BackgroundTerminal,
  OpenThreadRuntime,
  RuntimeThread,
  ThreadRuntime,
  TurnSettings,
  TurnTask,
} from "./turn/thread-runtime.ts";
export type { TurnInput, TurnNotice, TurnOutcome, TurnPort, TurnQuestion } from "./turn/turn-port.ts";
