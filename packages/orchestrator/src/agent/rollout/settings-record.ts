import type {
  AskForApproval,
  CollaborationMode,
  ReasoningEffort,
  ReasoningSummary,
  SandboxPolicy,
} from "@holdfast/app-server-protocol";
import { isRecord } from "../../steps/is-record.ts";
import { profileRecord } from "./profile-record.ts";
import type { RolloutRecord } from "./rollout-record.ts";

/** What holds for the turns of a thread, as far as its file says so. */
export interface StoredSettings {
  readonly model?: string | undefined;
  readonly modelProvider?: string | undefined;
  /** Native absolute path. */
  readonly cwd?: string | undefined;
  readonly approvalPolicy?: AskForApproval | undefined;
  readonly sandboxPolicy?: SandboxPolicy | undefined;
  readonly effort?: ReasoningEffort | undefined;
  readonly summary?: ReasoningSummary | undefined;
  readonly collaborationMode?: CollaborationMode | undefined;
}

/** In the place of a policy for which there is no profile: the strictest one. */
const READ_ONLY = profileRecord({ type: "readOnly" }, "/");

/** What held for a turn, as a record of it. */
export function turnContextRecord(turnId: string, settings: StoredSettings): RolloutRecord {
  const { sandboxPolicy, cwd = "/" } = settings;
  return {
    type: "turn_context",
    payload: {
      turn_id: turnId,
      root_turn_id: turnId,
      cwd: settings.cwd,
      approval_policy: settings.approvalPolicy,
      approvals_reviewer: "user",
      sandbox_policy: sandboxPolicy && policyToRecord(sandboxPolicy),
      permission_profile: sandboxPolicy && profileRecord(sandboxPolicy, cwd),
      model: settings.model,
      effort: settings.effort,
      collaboration_mode: settings.collaborationMode,
      summary: settings.summary ?? "none",
    },
  };
}

/** What holds from now on, as a record of a change outside of a turn. */
export function appliedSettingsRecord(threadId: string, settings: StoredSettings): RolloutRecord {
  const { sandboxPolicy, cwd = "/" } = settings;
  return {
    type: "event_msg",
    payload: {
      type: "thread_settings_applied",
      thread_id: threadId,
      thread_settings: {
        model: settings.model,
        model_provider_id: settings.modelProvider,
        approval_policy: settings.approvalPolicy,
        approvals_reviewer: "user",
        requested_approvals_reviewer: "user",
        permission_profile: (sandboxPolicy && profileRecord(sandboxPolicy, cwd)) ?? READ_ONLY,
        sandbox_policy: sandboxPolicy && policyToRecord(sandboxPolicy),
        cwd,
        runtime_workspace_roots: [cwd],
        effort: settings.effort,
        summary: settings.summary,
        collaboration_mode: settings.collaborationMode,
        disabled_plugin_ids: [],
      },
    },
  };
}

/** What a `turn_context` says. */
export function readTurnContext(payload: RolloutRecord["payload"]): StoredSettings {
  return present({
    model: textOr(payload.model),
    cwd: textOr(payload.cwd),
    approvalPolicy: (payload.approval_policy ?? undefined) as AskForApproval | undefined,
    sandboxPolicy: policyFromRecord(payload.sandbox_policy),
    effort: textOr(payload.effort),
    summary: payload.summary === "none" ? undefined : (textOr(payload.summary) as ReasoningSummary | undefined),
    collaborationMode: isRecord(payload.collaboration_mode)
      ? (payload.collaboration_mode as unknown as CollaborationMode)
      : undefined,
  });
}

/** What a `thread_settings_applied` says. */
export function readAppliedSettings(payload: RolloutRecord["payload"]): StoredSettings {
  const applied = payload.thread_settings;
  if (!isRecord(applied)) return {};
  return { ...readTurnContext(applied), ...present({ modelProvider: textOr(applied.model_provider_id) }) };
}

function present(settings: StoredSettings): StoredSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function textOr(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

const TYPES = {
  dangerFullAccess: "danger-full-access",
  readOnly: "read-only",
  workspaceWrite: "workspace-write",
  externalSandbox: "external-sandbox",
} as const;

/** Files spell a policy with dashes and underscores. */
function policyToRecord(policy: SandboxPolicy): Readonly<Record<string, unknown>> {
  const { type, ...members } = policy as Readonly<Record<string, unknown>>;
  const spelled = Object.entries(members).map(([name, value]) => [
    name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ]);
  return { type: TYPES[type as keyof typeof TYPES] ?? type, ...Object.fromEntries(spelled) };
}

function policyFromRecord(record: unknown): SandboxPolicy | undefined {
  if (!isRecord(record)) return undefined;
  const { type, ...members } = record;
  const known = Object.entries(TYPES).find(([, spelling]) => spelling === type);
  if (known === undefined) return undefined;
  const spelled = Object.entries(members).map(([name, value]) => [
    name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    value,
  ]);
  return { type: known[0], ...Object.fromEntries(spelled) } as SandboxPolicy;
}
