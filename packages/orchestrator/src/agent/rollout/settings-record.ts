import type {
  ActivePermissionProfile,
  AskForApproval,
  CollaborationMode,
  ReasoningEffort,
  ReasoningSummary,
  SandboxPolicy,
} from "@holdfast/app-server-protocol";
import { parseSandboxPolicy, sandboxPolicyToJson } from "@holdfast/permission-profile";
import type { ThreadProfile } from "../../permissions/thread-profile.ts";
import type { EnvironmentSelection } from "../../steps/environment-selection.ts";
import { isRecord } from "../../steps/is-record.ts";
import { policyOfProfile, profileRecord, saysMoreThanPolicy, threadProfileRecord } from "./profile-record.ts";
import type { RolloutRecord } from "./rollout-record.ts";

/** What holds for the turns of a thread, as far as its file says so. */
export interface StoredSettings {
  readonly model?: string | undefined;
  readonly modelProvider?: string | undefined;
  /** Native absolute path. */
  readonly cwd?: string | undefined;
  readonly approvalPolicy?: AskForApproval | undefined;
  readonly sandboxPolicy?: SandboxPolicy | undefined;
  /** Which permission profile that is. Null: none with a name. */
  readonly permissionProfile?: ActivePermissionProfile | null | undefined;
  /** What holds in the place of the policy, which can not say all of it. Null: nothing. */
  readonly profile?: ThreadProfile | null | undefined;
  readonly effort?: ReasoningEffort | undefined;
  readonly summary?: ReasoningSummary | undefined;
  readonly collaborationMode?: CollaborationMode | undefined;
  /** Where the work is done. Files of other programs do not say. */
  readonly environments?: readonly EnvironmentSelection[] | undefined;
  readonly serviceTier?: string | undefined;
  /** Files of other programs have these in the first line, in the conversation, and not at all. */
  readonly baseInstructions?: string | undefined;
  readonly developerInstructions?: string | undefined;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

/** What held for a turn, as a record of it. */
export function turnContextRecord(turnId: string, settings: StoredSettings): RolloutRecord {
  return {
    type: "turn_context",
    payload: {
      turn_id: turnId,
      root_turn_id: turnId,
      cwd: settings.cwd,
      approval_policy: settings.approvalPolicy,
      approvals_reviewer: "user",
      ...permissionRecords(settings),
      environments: settings.environments?.map(environmentRecord),
      model: settings.model,
      effort: settings.effort,
      collaboration_mode: settings.collaborationMode,
      summary: settings.summary ?? "none",
    },
  };
}

/** What holds from now on, as a record of a change outside of a turn. */
export function appliedSettingsRecord(threadId: string, settings: StoredSettings): RolloutRecord {
  const { cwd = "/" } = settings;
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
        ...permissionRecords(settings),
        cwd,
        runtime_workspace_roots: [cwd],
        environments: settings.environments?.map(environmentRecord),
        effort: settings.effort,
        // As releases of Codex call it here.
        reasoning_effort: settings.effort,
        summary: settings.summary,
        service_tier: settings.serviceTier,
        base_instructions: settings.baseInstructions,
        developer_instructions: settings.developerInstructions,
        config: Object.keys(settings.config ?? {}).length === 0 ? undefined : settings.config,
        collaboration_mode: settings.collaborationMode,
        disabled_plugin_ids: [],
      },
    },
  };
}

/** What a `turn_context` says. */
export function readTurnContext(payload: RolloutRecord["payload"]): StoredSettings {
  const cwd = textOr(payload.cwd);
  return present({
    model: textOr(payload.model),
    cwd,
    approvalPolicy: (payload.approval_policy ?? undefined) as AskForApproval | undefined,
    ...readPermissions(payload, cwd),
    effort: textOr(payload.effort),
    environments: environmentsFromRecord(payload.environments),
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
  const more = {
    modelProvider: textOr(applied.model_provider_id),
    effort: textOr(applied.reasoning_effort) ?? textOr(applied.effort),
    serviceTier: textOr(applied.service_tier),
    baseInstructions: textOr(applied.base_instructions),
    developerInstructions: textOr(applied.developer_instructions),
    config: isRecord(applied.config) ? applied.config : undefined,
  };
  return { ...readTurnContext(applied), ...present(more) };
}

/** How far commands may go, in the words of files. */
function permissionRecords({ sandboxPolicy, permissionProfile, profile, cwd }: StoredSettings) {
  if (sandboxPolicy === undefined) return {};
  return {
    sandbox_policy: policyRecord(sandboxPolicy),
    permission_profile: profile == null ? profileRecord(sandboxPolicy) : threadProfileRecord(profile, cwd),
    active_permission_profile: permissionProfile ?? undefined,
  };
}

function readPermissions(payload: RolloutRecord["payload"], cwd: string | undefined): StoredSettings {
  const { sandbox_policy: policy, permission_profile: record, active_permission_profile: active } = payload;
  if (policy === undefined && record === undefined) return {};
  return {
    // Releases of Codex write the profile alone, where no turn begins.
    sandboxPolicy: policyFromRecord(policy) ?? policyOfProfile(record, cwd),
    permissionProfile:
      isRecord(active) && typeof active.id === "string"
        ? { id: active.id, extends: textOr(active.extends) ?? null }
        : null,
    profile: isRecord(record) && saysMoreThanPolicy(record, cwd) ? { kind: "stored", record } : null,
  };
}

function present(settings: StoredSettings): StoredSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function textOr(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function environmentRecord({ environmentId, cwd }: EnvironmentSelection): Readonly<Record<string, string>> {
  return { environment_id: environmentId, cwd };
}

/** Undefined: nothing that is known here. One that is broken makes the whole so: what is left would be another place. */
function environmentsFromRecord(records: unknown): readonly EnvironmentSelection[] | undefined {
  if (!Array.isArray(records)) return undefined;
  const selections: EnvironmentSelection[] = [];
  for (const record of records) {
    if (!isRecord(record) || typeof record.environment_id !== "string" || typeof record.cwd !== "string")
      return undefined;
    selections.push({ environmentId: record.environment_id, cwd: record.cwd });
  }
  return selections;
}

/** As files spell it. */
function policyRecord(policy: SandboxPolicy): Readonly<Record<string, unknown>> {
  return sandboxPolicyToJson(parseSandboxPolicy(policy), "core");
}

/** Undefined: there is none, or one of a kind that is not known here. */
function policyFromRecord(record: unknown): SandboxPolicy | undefined {
  try {
    return sandboxPolicyToJson(parseSandboxPolicy(record), "app-v2") as SandboxPolicy;
  } catch {
    return undefined;
  }
}
