import { isAbsolute, resolve } from "node:path";
import type { DynamicToolSpec } from "@holdfast/app-server-protocol";
import { ConfigError, ConfigWriteError } from "../../config/config-error.ts";
import { configProblem } from "../../config/config-shape.ts";
import type { HostConfig } from "../../config/host-config.ts";
import type { TomlTable } from "../../config/toml-document.ts";
import type { EnvironmentRegistry } from "../../environments/environment-registry.ts";
import { isConfiguredProfile } from "../../permissions/named-profile.ts";
import { profilePlace } from "../../permissions/profile-place.ts";
import { checkSelections, defaultSelections, type EnvironmentSelection } from "../../steps/environment-selection.ts";
import { configuredModels, DEFAULT_PROVIDER } from "../model/configured-models.ts";
import type { StoredSettings } from "../rollout/settings-record.ts";
import {
  configuredApprovals,
  configuredPermissions,
  type Permissions,
  permissionsOfMode,
  permissionsOfProfile,
  permissionsOfRecord,
} from "./permission-presets.ts";
import { refused } from "./refusals.ts";
import type { FullSettings, SettingsChange } from "./thread-settings.ts";

/** What somebody wants of a thread that is made or loaded. Undefined and null: what the thread's file says, or the configuration. */
export interface ThreadWish extends Omit<SettingsChange, "sandboxPolicy" | "permissionProfile" | "profile"> {
  /** `read-only`, `workspace-write`, `danger-full-access`. */
  readonly sandbox?: string | null | undefined;
  /** Id of a permission profile. */
  readonly permissions?: string | null | undefined;
  readonly baseInstructions?: string | null | undefined;
  readonly developerInstructions?: string | null | undefined;
  readonly dynamicTools?: readonly DynamicToolSpec[] | null | undefined;
  /** Members of the configuration, by dotted names. */
  readonly config?: Readonly<Record<string, unknown>> | null | undefined;
}

export interface SettingsSources {
  readonly config: HostConfig;
  readonly environments: EnvironmentRegistry;
  /** Working folder of a thread that names none. */
  readonly cwd: string;
}

/**
 * What holds for the first turn of a thread.
 *
 * @throws RpcFault - Something that was asked for is not there, or the configuration can not be used.
 */
export async function firstSettings(
  wish: ThreadWish,
  stored: StoredSettings,
  { config, environments: registry, cwd: ownCwd }: SettingsSources,
): Promise<FullSettings> {
  const cwd = folderOf(wish.cwd ?? stored.cwd ?? wish.environments?.[0]?.cwd, ownCwd);
  const overrides = { ...stored.config, ...wish.config };
  const table = await usableTable(config, overrides, cwd);
  const model = wish.model ?? stored.model ?? configuredModels(table)[0];
  const effort = wish.effort ?? stored.effort ?? textOf(table, "model_reasoning_effort");
  if (wish.environments != null) checkEnvironments(registry, wish.environments);
  // What a thread worked in stays meant, there or not.
  const environments = wish.environments ?? stored.environments ?? defaultSelections(registry, cwd);
  const { sandboxPolicy, permissionProfile, profile } = await permissionsOf(wish, stored, { table, registry, cwd });
  return {
    model,
    modelProvider: wish.modelProvider ?? stored.modelProvider ?? textOf(table, "model_provider") ?? DEFAULT_PROVIDER,
    cwd,
    approvalPolicy: wish.approvalPolicy ?? stored.approvalPolicy ?? configuredApprovals(table),
    approvalsReviewer: wish.approvalsReviewer ?? "user",
    sandboxPolicy,
    permissionProfile,
    profile,
    environments,
    effort,
    summary: (wish.summary ?? stored.summary ?? textOf(table, "model_reasoning_summary")) as FullSettings["summary"],
    serviceTier: wish.serviceTier ?? stored.serviceTier ?? textOf(table, "service_tier"),
    baseInstructions: wish.baseInstructions ?? stored.baseInstructions,
    developerInstructions: wish.developerInstructions ?? stored.developerInstructions,
    dynamicTools: wish.dynamicTools ?? [],
    config: overrides,
    collaborationMode: {
      mode: stored.collaborationMode?.mode ?? "default",
      settings: { model, reasoning_effort: effort ?? null, developer_instructions: null },
    },
  };
}

/** @throws RpcFault - There is no such environment, or one twice. */
export function checkEnvironments(registry: EnvironmentRegistry, selections: readonly EnvironmentSelection[]): void {
  try {
    checkSelections(registry, selections);
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error));
  }
}

interface PermissionsPlace {
  readonly table: TomlTable;
  readonly registry: EnvironmentRegistry;
  readonly cwd: string;
}

async function permissionsOf(
  wish: ThreadWish,
  stored: StoredSettings,
  { table, registry, cwd }: PermissionsPlace,
): Promise<Permissions> {
  if (wish.permissions != null && wish.sandbox != null) {
    throw refused("`permissions` cannot be combined with `sandbox`");
  }
  if (wish.sandbox != null) return permissionsOfMode(wish.sandbox, table);
  const folder = { ...(await profilePlace(registry)), cwd };
  if (wish.permissions != null) return permissionsOfProfile(wish.permissions, table, folder);
  const { permissionProfile = null, profile, sandboxPolicy } = stored;
  // What the user says of a profile by now counts. Without a word it is what it was, and never less strict.
  if (permissionProfile !== null && isConfiguredProfile(permissionProfile.id, table)) {
    return permissionsOfProfile(permissionProfile.id, table, folder);
  }
  if (profile != null) return permissionsOfRecord(profile, permissionProfile, folder);
  if (sandboxPolicy !== undefined) return { sandboxPolicy, permissionProfile, profile: undefined };
  return configuredPermissions(table, folder);
}

function folderOf(cwd: string | undefined, ownCwd: string): string {
  if (cwd === undefined) return ownCwd;
  // A folder of another system is absolute in its own way.
  return isAbsolute(cwd) || /^(?:[A-Za-z]:[\\/]|\\\\)/.test(cwd) ? cwd : resolve(ownCwd, cwd);
}

function textOf(table: TomlTable, name: string): string | undefined {
  const value = table[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The configuration for a thread. @throws RpcFault - It can not be used. */
export async function usableTable(
  config: HostConfig,
  overrides: Readonly<Record<string, unknown>>,
  cwd: string,
): Promise<TomlTable> {
  try {
    const table = await config.table(overrides, { cwd });
    const problem = configProblem(table);
    if (problem === undefined) return table;
    throw new ConfigError(problem);
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof ConfigWriteError)) throw error;
    throw refused(`failed to load configuration: ${error.message}`);
  }
}
