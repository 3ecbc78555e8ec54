import type { LaunchPlan, Machine, SandboxErrorCode, SandboxIntent } from "@holdfast/sandbox";

/** What a thread is asked. Its view of the files is its own. */
export interface PlanRequest {
  readonly intent: SandboxIntent;
  readonly machine: Omit<Machine, "files">;
}

/** What it answers. */
export type PlanAnswer =
  | { readonly kind: "planned"; readonly plan: LaunchPlan }
  | { readonly kind: "refused"; readonly code: SandboxErrorCode; readonly message: string }
  | { readonly kind: "failed"; readonly message: string };
