import {
  type ClientCapabilities,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import type { Question } from "./pending-call.ts";

/** Name of the one question of a call, and of what is chosen. */
const ANSWER = "answer";
const CHOICE = "choice";

const CAPABILITIES = "io.modelcontextprotocol/clientCapabilities";

/** Whether the client can put a form before its user. Newer revisions say so with each request, older ones once. */
export function canAskUser(server: Server, { mcpReq: { envelope } }: ServerContext): boolean {
  const told = (envelope as Readonly<Record<string, unknown>> | undefined)?.[CAPABILITIES];
  const capabilities = (told as ClientCapabilities | undefined) ?? server.getClientCapabilities();
  const { elicitation } = capabilities ?? {};
  // Before there were other kinds, nothing more was said.
  return elicitation !== undefined && (elicitation.form !== undefined || Object.keys(elicitation).length === 0);
}

/** What a call answers that has to know something first. The form has a choice that must be made: nobody accepts it unread. */
export function questionFor(callId: string, { message, choices }: Question): InputRequiredResult {
  const choice = { type: "string", title: "Your choice", enum: [...choices] } as const;
  const form = { type: "object", properties: { [CHOICE]: choice }, required: [CHOICE] } as const;
  const asked = inputRequired.elicit({ mode: "form", message, requestedSchema: { ...form, required: [CHOICE] } });
  return inputRequired({ requestState: callId, inputRequests: { [ANSWER]: asked } });
}

/** What was chosen; undefined: nothing. */
export function answerIn(responses: Record<string, unknown> | undefined): string | undefined {
  const response = inputResponse(responses, ANSWER);
  if (response.kind !== "elicit" || response.action !== "accept") return undefined;
  const choice = response.content?.[CHOICE];
  return typeof choice === "string" ? choice : undefined;
}
