export { answersLate, type LateServer } from "./answers-late.ts";
export { type BrokenSequence, brokenSequence } from "./broken-sequences.ts";
export { closesAfter } from "./closes-early.ts";
export { exclusiveSession } from "./exclusive-session.ts";
export { exitsWithoutCode, type MissingExitCode } from "./exits-without-code.ts";
export {
  type AppServerHandler,
  type AppServerParams,
  FakeAppServer,
  fakeThread,
  threadAnswer,
} from "./fake-app-server.ts";
export {
  chunk,
  FakeExecServer,
  type Handler,
  type HandlerParams,
  type Handlers,
  LINUX_INFO,
  readResult,
} from "./fake-exec-server.ts";
export { floodNotices } from "./floods.ts";
export { answersGarbage, GARBAGE } from "./garbage.ts";
export { stallsAfterHalfFrame } from "./half-frame.ts";
export { hangsUpAt } from "./hangs-up.ts";
export { neverAnswers } from "./never-answers.ts";
export { neverUpgrades } from "./never-upgrades.ts";
export { otherSession } from "./other-session.ts";
export type { RawServer } from "./raw-websocket-server.ts";
export { refusesResume } from "./refuses-resume.ts";
export { NO_ANSWER, type Received, Refusal, type ScriptedHandler, ScriptedServer } from "./scripted-server.ts";
export { onResume, openSession, SESSION_ID } from "./sessions.ts";
export { answersUnknownIds } from "./unknown-ids.ts";
export { tellOfUnknownProcesses } from "./unknown-processes.ts";
