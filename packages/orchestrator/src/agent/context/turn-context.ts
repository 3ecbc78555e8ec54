import type { CollaborationMode } from "@holdfast/app-server-protocol";
import { environmentContext } from "../../steps/environment-context.ts";
import type { StepSnapshot } from "../../steps/step-snapshot.ts";
import type { TurnSettings } from "../turn/thread-runtime.ts";
import { permissionsText } from "./permissions-text.ts";
import { SKILLS_OPENING } from "./skills-text.ts";
import type { ContextPart } from "./told.ts";

const PERMISSIONS = "<permissions>";
const DEVELOPER = "<developer_instructions>";
/** What a turn tells a model besides what its settings say. */
export interface TurnWords {
  readonly developerInstructions: string | undefined;
  readonly skills: string | undefined;
  readonly project: string | undefined;
  /** Whether the model was told of a mode before: then it is told of the usual one as well. */
  readonly isModeTold: boolean;
}

const PROJECT = "# AGENTS.md instructions for ";
/** How the words about a mode begin. */
export const MODE = "<collaboration_mode>";
const ENVIRONMENT = "<environment_context>";

/** How the parts of a context begin. */
export const CONTEXT_OPENINGS: readonly string[] = [PERMISSIONS, DEVELOPER, SKILLS_OPENING, MODE, PROJECT, ENVIRONMENT];

/** What a model is told besides what people say. */
export function turnContext(
  settings: TurnSettings,
  step: StepSnapshot,
  { developerInstructions, skills, project, isModeTold }: TurnWords,
): readonly ContextPart[] {
  const hasTools = settings.environments.length > 0;
  return [
    {
      role: "developer",
      opening: DEVELOPER,
      text:
        developerInstructions === undefined
          ? undefined
          : `${DEVELOPER}\n${developerInstructions}\n</developer_instructions>`,
    },
    { role: "developer", opening: SKILLS_OPENING, text: skills },
    { role: "developer", opening: MODE, text: modeText(settings.collaborationMode, isModeTold) },
    {
      role: "developer",
      opening: PERMISSIONS,
      text: hasTools ? permissionsText(settings) : undefined,
    },
    { role: "user", opening: PROJECT, text: project },
    {
      role: "user",
      opening: ENVIRONMENT,
      text: `${ENVIRONMENT}\n${environmentContext(step)}${clockLines()}</environment_context>`,
    },
  ];
}

/** What a client says of a mode counts; without it, ours does. */
function modeText(mode: CollaborationMode | undefined, isTold: boolean): string | undefined {
  const own = mode?.settings.developer_instructions;
  const isPlan = mode?.mode === "plan";
  if (!isPlan && own == null && !isTold) return undefined;
  return `${MODE}\n${own ?? (isPlan ? PLAN_WORDS : DEFAULT_WORDS)}\n</collaboration_mode>`;
}

const PLAN_WORDS =
  "Plan mode: look at what there is, ask the user with request_user_input what you can not find out, and answer with a plan that can be carried out as it stands. Change nothing.";
const DEFAULT_WORDS = "Default mode: do the work. request_user_input is not there.";

/** Looked up once: it takes as long as much of a turn. */
let timeZone: string | undefined;

function clockLines(): string {
  timeZone ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
  const today = new Date();
  const day = [today.getFullYear(), today.getMonth() + 1, today.getDate()].map((part) => String(part).padStart(2, "0"));
  return `  <current_date>${day.join("-")}</current_date>\n  <timezone>${timeZone}</timezone>\n`;
}
