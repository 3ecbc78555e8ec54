export { ClientQuestions } from "./client-questions.ts";
export type { Question } from "./pending-call.ts";
export { CALLS_MAX, type ServedTools, serveTools, type ToolServing } from "./serve-tools.ts";
export { MCP_WAIT_MAX_MS, withShortPolls } from "./short-polls.ts";
export { MESSAGE_MAX_BYTES } from "./stdio-transport.ts";
