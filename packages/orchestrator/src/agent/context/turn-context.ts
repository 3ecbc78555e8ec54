import { environmentContext } from "../../steps/environment-context.ts";
import type { StepSnapshot } from "../../steps/step-snapshot.ts";
import type { TurnSettings } from "../turn/thread-runtime.ts";
import { permissionsText } from "./permissions-text.ts";
import type { ContextPart } from "./told.ts";

const PERMISSIONS = "<permissions>";
const DEVELOPER = "<developer_instructions>";
const PROJECT = "# AGENTS.md instructions for ";
const ENVIRONMENT = "<environment_context>";

/** How the parts of a context begin. */
export const CONTEXT_OPENINGS: readonly string[] = [PERMISSIONS, DEVELOPER, PROJECT, ENVIRONMENT];

/** What a model is told besides what people say. */
export function turnContext(
  settings: TurnSettings,
  step: StepSnapshot,
  {
    developerInstructions,
    project,
  }: { readonly developerInstructions: string | undefined; readonly project: string | undefined },
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
    {
      role: "developer",
      opening: PERMISSIONS,
      text: hasTools ? permissionsText(settings.sandboxPolicy, settings.approvalPolicy) : undefined,
    },
    { role: "user", opening: PROJECT, text: project },
    {
      role: "user",
      opening: ENVIRONMENT,
      text: `${ENVIRONMENT}\n${environmentContext(step)}${clockLines()}</environment_context>`,
    },
  ];
}

/** Looked up once: it takes as long as much of a turn. */
let timeZone: string | undefined;

function clockLines(): string {
  timeZone ??= Intl.DateTimeFormat().resolvedOptions().timeZone;
  const today = new Date();
  const day = [today.getFullYear(), today.getMonth() + 1, today.getDate()].map((part) => String(part).padStart(2, "0"));
  return `  <current_date>${day.join("-")}</current_date>\n  <timezone>${timeZone}</timezone>\n`;
}
