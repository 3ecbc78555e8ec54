import type { SkillsListEntry } from "@holdfast/app-server-protocol";
import { isPathUriError, type PathUri, pathUriFromInferredNative } from "@holdfast/path-uri";
import { isLinkError } from "@holdfast/rpc";
import type { TomlTable } from "../../config/toml-document.ts";
import { LOCAL_ENVIRONMENT_ID } from "../../environments/environment-definition.ts";
import { isEnvironmentError } from "../../environments/environment-error.ts";
import type { EnvironmentHandle } from "../../environments/environment-handle.ts";
import { type DiscoveredSkills, discoverSkills, type SkillRoot } from "../../skills/discover-skills.ts";
import type { DiscoveryPlace } from "../../skills/root-files.ts";
import { skillRoots } from "../../skills/skill-roots.ts";
import { internalError } from "../faults.ts";
import type { HostServices } from "../host-services.ts";
import { SKILL_LISTS_MAX, SKILLS_TIMEOUT_MS } from "./limits.ts";
import { shownSkill } from "./shown-skill.ts";
import { SkillWatches } from "./skill-watches.ts";

/** The skills for working folders of this machine, or else of the default environment. They are kept until somebody wants them anew. */
export class SkillLists {
  readonly #services: HostServices;
  readonly #found = new Map<string, Promise<DiscoveredSkills>>();
  readonly #watches: SkillWatches;
  #extraRoots: readonly string[] = [];

  /** @param onChange - What was listed may be otherwise now. Told once until something is listed again. */
  constructor(services: HostServices, onChange: () => void) {
    this.#services = services;
    this.#watches = new SkillWatches(() => {
      this.forget();
      onChange();
    });
  }

  /** Nothing is watched any more. */
  close(): Promise<void> {
    return this.#watches.close();
  }

  /** Have further folders with skills, in the place of those that were added before. @param paths - Native and absolute. */
  useExtraRoots(paths: readonly string[]): void {
    this.#extraRoots = paths;
    this.forget();
  }

  /** Look anew at the next listing. */
  forget(): void {
    this.#found.clear();
  }

  /**
   * @param cwd - A native path. One that is not absolute has no skills of a project.
   * @throws RpcFault - The machine that has them is out of reach.
   */
  async list(cwd: string, config: TomlTable, isForced: boolean): Promise<SkillsListEntry> {
    if (isForced) this.#found.delete(cwd);
    const { skills, problems } = await this.#discovered(cwd);
    return {
      cwd,
      skills: skills.map((skill) => shownSkill(skill, config)),
      errors: problems.map(({ path, message }) => ({ path, message })),
    };
  }

  #discovered(cwd: string): Promise<DiscoveredSkills> {
    const known = this.#found.get(cwd);
    if (known !== undefined) return known;
    if (this.#found.size >= SKILL_LISTS_MAX) this.#found.clear();
    const found = this.#discover(cwd);
    this.#found.set(cwd, found);
    found.catch(() => {
      if (this.#found.get(cwd) === found) this.#found.delete(cwd);
    });
    return found;
  }

  async #discover(cwd: string): Promise<DiscoveredSkills> {
    const { environments, clock } = this.#services;
    const handle = environments.get(LOCAL_ENVIRONMENT_ID) ?? environments.default;
    if (handle === undefined) return { skills: [], problems: [], isTruncated: false };
    const over = new AbortController();
    const timer = clock.after(SKILLS_TIMEOUT_MS, () => over.abort(new Error("it took too long")));
    try {
      const executor = await handle.executor(over.signal);
      const place = { executor, signal: over.signal };
      const roots = await this.#roots(place, handle, cwd);
      // Before they are read: what changes meanwhile is told.
      await this.#watches.follow(
        executor,
        roots.map(({ path }) => path),
      );
      return await discoverSkills(place, roots);
    } catch (error) {
      if (!isEnvironmentError(error) && !isLinkError(error) && !over.signal.aborted) throw error;
      throw internalError(`failed to list skills: ${error instanceof Error ? error.message : String(error)}`, error);
    } finally {
      timer.cancel();
    }
  }

  async #roots(
    place: DiscoveryPlace & Parameters<typeof skillRoots>[0],
    { isRemote }: EnvironmentHandle,
    cwd: string,
  ): Promise<readonly SkillRoot[]> {
    const project = uriOf(cwd);
    const folder = project ?? uriOf(this.#services.cwd);
    if (folder === undefined) return [];
    // Our own home is on this machine.
    const codexHome = isRemote ? undefined : uriOf(this.#services.codexHome);
    const roots = await skillRoots(place, { cwd: folder, codexHome });
    const extra = this.#extraRoots.flatMap((path): readonly SkillRoot[] => {
      const uri = uriOf(path);
      return uri === undefined ? [] : [{ path: uri, scope: "user" }];
    });
    return [...roots.filter(({ scope }) => project !== undefined || scope !== "repo"), ...extra];
  }
}

/** Undefined: it is not absolute. */
function uriOf(path: string): PathUri | undefined {
  try {
    return pathUriFromInferredNative(path);
  } catch (error) {
    if (isPathUriError(error)) return undefined;
    throw error;
  }
}
