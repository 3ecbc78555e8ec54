import type {
  ActivePermissionProfile,
  ApprovalsReviewer,
  AskForApproval,
  CollaborationMode,
  ReasoningEffort,
  ReasoningSummary,
  SandboxPolicy,
  ThreadEnvironment,
  ThreadSettings,
} from "@holdfast/app-server-protocol";
import type { ThreadProfile } from "../../permissions/thread-profile.ts";
import type { EnvironmentSelection } from "../../steps/environment-selection.ts";
import type { TurnSettings } from "../turn/thread-runtime.ts";

/** All that holds for the turns of a thread. */
export interface FullSettings extends TurnSettings {
  readonly approvalsReviewer: ApprovalsReviewer;
  /** Which permission profile the sandbox policy, or the profile, is. */
  readonly permissionProfile: ActivePermissionProfile | null;
  readonly collaborationMode: CollaborationMode;
}

/** What somebody wants to be different. Undefined and null: as it was. */
export interface SettingsChange {
  readonly model?: string | null | undefined;
  readonly modelProvider?: string | null | undefined;
  readonly cwd?: string | null | undefined;
  readonly approvalPolicy?: AskForApproval | null | undefined;
  readonly approvalsReviewer?: ApprovalsReviewer | null | undefined;
  readonly sandboxPolicy?: SandboxPolicy | null | undefined;
  readonly permissionProfile?: ActivePermissionProfile | null | undefined;
  /** Counts with a policy, and is gone with one that comes without it. */
  readonly profile?: ThreadProfile | undefined;
  readonly environments?: readonly EnvironmentSelection[] | null | undefined;
  readonly effort?: ReasoningEffort | null | undefined;
  readonly summary?: ReasoningSummary | null | undefined;
  readonly serviceTier?: string | null | undefined;
  readonly collaborationMode?: CollaborationMode | null | undefined;
}

/** The settings with a change. The mode names a model and an effort, too; what is asked for by itself goes before it. */
export function changedSettings(settings: FullSettings, change: SettingsChange): FullSettings {
  const { collaborationMode: mode } = change;
  const model = change.model ?? mode?.settings.model ?? settings.model;
  const effort = change.effort ?? mode?.settings.reasoning_effort ?? (mode == null ? settings.effort : undefined);
  const cwd = change.cwd ?? settings.cwd;
  const collaborationMode = {
    mode: mode?.mode ?? settings.collaborationMode.mode,
    settings: {
      model,
      reasoning_effort: effort ?? null,
      developer_instructions: (mode ?? settings.collaborationMode).settings.developer_instructions ?? null,
    },
  };
  return {
    ...settings,
    model,
    modelProvider: change.modelProvider ?? settings.modelProvider,
    cwd,
    approvalPolicy: change.approvalPolicy ?? settings.approvalPolicy,
    approvalsReviewer: change.approvalsReviewer ?? settings.approvalsReviewer,
    sandboxPolicy: change.sandboxPolicy ?? settings.sandboxPolicy,
    permissionProfile: change.permissionProfile ?? (change.sandboxPolicy == null ? settings.permissionProfile : null),
    profile: change.sandboxPolicy == null ? settings.profile : change.profile,
    environments: change.environments ?? moved(settings.environments, settings.cwd, cwd),
    effort: effort ?? undefined,
    summary: change.summary ?? settings.summary,
    serviceTier: change.serviceTier ?? settings.serviceTier,
    collaborationMode,
  };
}

/** Environments follow the folder of the thread, unless they have one of their own. */
function moved(selections: readonly EnvironmentSelection[], from: string, to: string): readonly EnvironmentSelection[] {
  if (from === to) return selections;
  return selections.map((each) => (each.cwd === from ? { ...each, cwd: to } : each));
}

export function settingsEqual(one: FullSettings, other: FullSettings): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

export function threadEnvironments({ environments }: FullSettings): ThreadEnvironment[] {
  return environments.map(({ environmentId, cwd }) => ({ environmentId, cwd, runtimeWorkspaceRoots: [cwd] }));
}

/** As clients are told. */
export function settingsForClients(settings: FullSettings): ThreadSettings {
  return {
    disabledPluginIds: [],
    cwd: settings.cwd,
    environments: threadEnvironments(settings),
    approvalPolicy: settings.approvalPolicy,
    approvalsReviewer: settings.approvalsReviewer,
    sandboxPolicy: settings.sandboxPolicy,
    activePermissionProfile: settings.permissionProfile,
    model: settings.model,
    modelProvider: settings.modelProvider,
    serviceTier: settings.serviceTier ?? null,
    effort: settings.effort ?? null,
    summary: settings.summary ?? null,
    collaborationMode: settings.collaborationMode,
    multiAgentMode: "explicitRequestOnly",
    personality: null,
  };
}
