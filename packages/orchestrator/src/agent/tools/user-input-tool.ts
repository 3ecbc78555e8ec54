import type { ToolRequestUserInputQuestion } from "@holdfast/app-server-protocol";
import { isRecord } from "../../steps/is-record.ts";
import { askWithin } from "../turn/ask-within.ts";
import { APPROVAL_WAIT_MAX_MS } from "../turn/limits.ts";
import type { AgentTool } from "./agent-tool.ts";
import { argumentsOf } from "./call-arguments.ts";
import { USER_OPTIONS_MAX, USER_QUESTIONS_MAX } from "./limits.ts";

const TEXT = { type: "string" };

/** `request_user_input`: what a model wants to know of the user before it makes a plan. */
export const USER_INPUT_TOOL: AgentTool = {
  name: "request_user_input",
  isParallel: false,
  definition: {
    type: "function",
    name: "request_user_input",
    description: "Ask the user one to three short questions, and wait for the answers. Only in Plan mode.",
    strict: false,
    parameters: {
      type: "object",
      properties: {
        questions: {
          type: "array",
          items: {
            type: "object",
            properties: {
              id: { ...TEXT, description: "Name of the answer, in snake_case." },
              header: { ...TEXT, description: "At most 12 characters." },
              question: { ...TEXT, description: "One sentence." },
              options: {
                type: "array",
                description:
                  "Two or three answers that exclude each other, the best first. The user may write another.",
                items: {
                  type: "object",
                  properties: { label: TEXT, description: TEXT },
                  required: ["label", "description"],
                  additionalProperties: false,
                },
              },
            },
            required: ["id", "header", "question", "options"],
            additionalProperties: false,
          },
        },
      },
      required: ["questions"],
      additionalProperties: false,
    },
  },
  async run({ callId, input }, scope) {
    if (scope.settings.collaborationMode?.mode !== "plan") {
      throw new Error("request_user_input is unavailable in Default mode");
    }
    const args = argumentsOf(input);
    const { questions } = isRecord(args) ? args : {};
    if (!Array.isArray(questions)) throw unusable("missing field `questions`");
    if (questions.length > USER_QUESTIONS_MAX) throw unusable(`at most ${USER_QUESTIONS_MAX} questions may be asked`);
    const asked = questions.map(questionOf);
    const params = { itemId: callId, questions: asked, isBlocking: true, autoResolutionMs: null };
    const { answers } = await askWithin(scope, "item/tool/requestUserInput", params, APPROVAL_WAIT_MAX_MS);
    return JSON.stringify({ answers });
  },
};

function questionOf(value: unknown): ToolRequestUserInputQuestion {
  const { id, header, question, options } = isRecord(value) ? value : {};
  if (typeof id !== "string" || typeof header !== "string" || typeof question !== "string") {
    throw unusable("a question must have an id, a header and a question");
  }
  if (!Array.isArray(options) || options.length === 0) {
    throw new Error("request_user_input requires non-empty options for every question");
  }
  if (options.length > USER_OPTIONS_MAX) throw unusable(`a question may have ${USER_OPTIONS_MAX} options`);
  return { id, header, question, isOther: true, isSecret: false, options: options.map(optionOf) };
}

function optionOf(value: unknown) {
  const { label, description } = isRecord(value) ? value : {};
  if (typeof label !== "string" || typeof description !== "string") {
    throw unusable("an option must have a label and a description");
  }
  return { label, description };
}

function unusable(detail: string): Error {
  return new Error(`failed to parse function arguments: ${detail}`);
}
