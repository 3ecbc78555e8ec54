import type { TurnPlanStep } from "@holdfast/app-server-protocol";
import { isRecord } from "../../steps/is-record.ts";
import type { AgentTool } from "./agent-tool.ts";
import { argumentsOf } from "./call-arguments.ts";
import { PLAN_STEP_MAX_LENGTH, PLAN_STEPS_MAX } from "./limits.ts";

const STATUSES: Readonly<Record<string, TurnPlanStep["status"]>> = {
  pending: "pending",
  in_progress: "inProgress",
  completed: "completed",
};

/** `update_plan`: what the model is about to do, for who watches. */
export const PLAN_TOOL: AgentTool = {
  name: "update_plan",
  isParallel: false,
  definition: {
    type: "function",
    name: "update_plan",
    description:
      "Show the user the steps of a longer task, and how far each has come. At most one step is in progress.",
    strict: false,
    parameters: {
      type: "object",
      properties: {
        explanation: { type: "string", description: "Why the plan is as it is, or has changed." },
        plan: {
          type: "array",
          items: {
            type: "object",
            properties: {
              step: { type: "string" },
              status: { type: "string", enum: Object.keys(STATUSES) },
            },
            required: ["step", "status"],
            additionalProperties: false,
          },
        },
      },
      required: ["plan"],
      additionalProperties: false,
    },
  },
  async run({ input }, { port }) {
    const args = argumentsOf(input);
    const { plan, explanation } = isRecord(args) ? args : {};
    if (!Array.isArray(plan)) throw unusable("plan must be a list");
    if (plan.length > PLAN_STEPS_MAX) throw unusable(`plan may have ${PLAN_STEPS_MAX} steps`);
    port.emit("turn/plan/updated", {
      explanation: typeof explanation === "string" ? explanation : null,
      plan: plan.map(stepOf),
    });
    return "Plan updated";
  },
};

function stepOf(value: unknown, index: number): TurnPlanStep {
  const { step, status } = isRecord(value) ? value : {};
  const known = typeof status === "string" ? STATUSES[status] : undefined;
  if (typeof step !== "string" || known === undefined) {
    throw unusable(`plan[${index}] must have a step and one of the statuses ${Object.keys(STATUSES).join(", ")}`);
  }
  return { step: step.slice(0, PLAN_STEP_MAX_LENGTH), status: known };
}

function unusable(detail: string): Error {
  return new Error(`failed to parse function arguments: ${detail}`);
}
