import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { ConfigEdit } from "@holdfast/app-server-protocol";
import { underFileLock } from "@holdfast/rpc/file-lock";
import { SharedLookups } from "../shared-lookups.ts";
import { checkEdits } from "./apply-edits.ts";
import { ConfigError, ConfigWriteError, invalidChange } from "./config-error.ts";
import { ConfigFile } from "./config-file.ts";
import { type ConfigLayer, effectiveTable } from "./config-layers.ts";
import { configProblem } from "./config-shape.ts";
import { configVersion } from "./config-version.ts";
import { parseKeyPath } from "./key-path.ts";
import { projectFolders } from "./project-folders.ts";
import { replaceTextFile } from "./replace-text-file.ts";
import { parseToml, type TomlTable, type TomlValue } from "./toml-document.ts";
import { emptyTable, isTable, memberOf, merged, tomlOf } from "./toml-values.ts";

const FILE = "config.toml";
const PROJECT_FOLDER = ".codex";
/** Who writes the file by other means may have done so meanwhile, as often. */
const ATTEMPTS = 8;
/** Files of projects whose contents are kept. */
const PROJECT_FILES_MAX = 64;

/**
 * Members that a project does not decide: whom the user trusts and pays, what is sent where, and what runs unasked. They have no effect in its file.
 */
const NOT_OF_PROJECTS = [
  "model_provider",
  "model_providers",
  "openai_base_url",
  "chatgpt_base_url",
  "notify",
  "otel",
  "profile",
  "profiles",
  "projects",
];

/** Where, beside the home, the configuration is. */
export interface HostConfigOptions {
  /** Folder of the user's `config.toml`: a native absolute path. */
  readonly codexHome: string;
  /** What the administrator of this machine says: a native absolute path. Default: nothing. */
  readonly systemFile?: string | undefined;
  /** What holds for this program alone, as the `overrides` of a {@link ConfigScope}, which count more. Default: nothing. */
  readonly overrides?: Readonly<Record<string, unknown>> | undefined;
}

/** For what a configuration is asked. */
export interface ConfigScope {
  /**
   * Values in the place of those of the files, by dotted names such as `sandbox_workspace_write.network_access`. Tables are laid over those of the files; null counts
   * as not given.
   */
  readonly overrides?: Readonly<Record<string, unknown>> | undefined;
  /** A working folder: what the project that it is in says counts as well, if the user trusts it. Default: none. */
  readonly cwd?: string | undefined;
}

/** A change of the user's file. */
export interface ConfigWrite {
  readonly edits: readonly ConfigEdit[];
  /** What the file has to be. Default: any. */
  readonly expectedVersion?: string | undefined;
}

/** The configuration of a host, as it is now: files that have changed are read anew. */
export class HostConfig {
  /** The user's file: a native absolute path. It need not be there. */
  readonly file: string;
  readonly #user: ConfigFile;
  readonly #system: ConfigFile | undefined;
  readonly #overrides: HostConfigOptions["overrides"];
  readonly #ofProjects = new Map<string, ConfigFile>();
  readonly #lookups = new SharedLookups<readonly ConfigLayer[]>();

  constructor({ codexHome, systemFile, overrides }: HostConfigOptions) {
    this.#overrides = overrides;
    this.file = join(codexHome, FILE);
    this.#user = new ConfigFile(this.file);
    this.#system = systemFile === undefined ? undefined : new ConfigFile(systemFile);
  }

  /**
   * The whole of it.
   *
   * @param overrides - As of {@link ConfigScope}.
   * @throws ConfigError - A file can not be read; the message names it, and the line.
   * @throws ConfigWriteError - An override has no name, or no value that a configuration can have.
   */
  async table(
    overrides: Readonly<Record<string, unknown>> = {},
    { cwd }: Pick<ConfigScope, "cwd"> = {},
  ): Promise<TomlTable> {
    return effectiveTable(await this.layers({ overrides, cwd }));
  }

  /** Its parts, those that count least first. @throws ConfigError, ConfigWriteError - As `table`. */
  async layers({ overrides, cwd }: ConfigScope = {}): Promise<readonly ConfigLayer[]> {
    const layers = await this.#lookups.find(cwd ?? "", () => this.#ofFiles(cwd));
    const given = [this.#overrides, overrides]
      .flatMap((each) => Object.entries(each ?? {}))
      .filter(([, value]) => value !== null && value !== undefined);
    if (given.length === 0) return layers;
    const table = given.map(([name, value]) => tableAt(parseKeyPath(name), tomlOf(value))).reduce(merged, emptyTable());
    return [...layers, { source: { type: "sessionFlags" }, version: configVersion(table), table }];
  }

  /** What the user's file says. @throws ConfigError - It can not be read. */
  async userLayer(): Promise<ConfigLayer> {
    const { root, version } = await this.#user.read();
    return { source: { type: "user", file: this.file, profile: null }, version, table: root };
  }

  /**
   * Change the user's file, which is made if it is not there. Comments and order stay; a reader finds the file as it was or as it is to be; who writes at the same
   * time waits.
   *
   * @returns What the file is then.
   * @throws ConfigWriteError - The change is refused. Nothing was written. @throws ConfigError - The file can not be read.
   */
  async write({ edits, expectedVersion }: ConfigWrite): Promise<{ readonly version: string }> {
    checkEdits(edits);
    // What writes TOML is not small, and most hosts never write.
    const { editedText } = await import("./edit-text.ts");
    const folder = dirname(this.file);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await underFileLock(join(folder, `.${basename(this.file)}.lock`), {}, async () => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const { text: before, version } = await this.#user.read();
        if (expectedVersion !== undefined && expectedVersion !== version) {
          const message = "Configuration was modified since last read. Fetch latest version and retry.";
          throw new ConfigWriteError("configVersionConflict", message);
        }
        const text = editedText(before ?? "", edits);
        const after = parseToml(text).root;
        const problem = configProblem(after);
        if (problem !== undefined) throw invalidChange(`Invalid configuration: ${problem}`);
        if (text === before) return { version };
        const read = async (): Promise<string | undefined> => (await this.#user.read()).text;
        if (await replaceTextFile(this.file, { before, text, read })) return { version: configVersion(after) };
      }
      throw new ConfigError(`failed to write ${this.file}: others keep changing it`);
    });
  }

  async #ofFiles(cwd: string | undefined): Promise<readonly ConfigLayer[]> {
    const user = await this.userLayer();
    const layers: ConfigLayer[] = [];
    if (this.#system !== undefined) {
      const { root, version } = await this.#system.read();
      layers.push({ source: { type: "system", file: this.#system.path }, version, table: root });
    }
    layers.push(user);
    if (cwd !== undefined) layers.push(...(await this.#projectLayers(cwd, effectiveTable(layers))));
    return layers;
  }

  async #projectLayers(cwd: string, above: TomlTable): Promise<readonly ConfigLayer[]> {
    const folders = await projectFolders(cwd);
    const layers: ConfigLayer[] = [];
    for (const folder of folders) {
      const dotCodexFolder = join(folder, PROJECT_FOLDER);
      // The home of the user may be in a working folder.
      if (join(dotCodexFolder, FILE) === this.file) continue;
      const reason = isTrusted(above, folder, folders[0]) ? undefined : this.#untrusted(folders[0]);
      const { text, root, version } = await this.#ofProject(join(dotCodexFolder, FILE), reason !== undefined);
      if (text === undefined) continue;
      const source = { type: "project" as const, dotCodexFolder };
      layers.push({
        source,
        version,
        table: ofProject(root),
        ...(reason === undefined ? {} : { disabledReason: reason }),
      });
    }
    return layers;
  }

  /** What an untrusted project has is none of ours, whatever is wrong with it. */
  async #ofProject(path: string, isUntrusted: boolean) {
    let file = this.#ofProjects.get(path);
    if (file === undefined) {
      if (this.#ofProjects.size >= PROJECT_FILES_MAX) this.#ofProjects.clear();
      file = new ConfigFile(path);
      this.#ofProjects.set(path, file);
    }
    try {
      return await file.read();
    } catch (error) {
      if (!isUntrusted) throw error;
      return { text: undefined, root: emptyTable(), version: "" };
    }
  }

  #untrusted(root: string): string {
    return `To load project-local config, hooks, and exec policies, add ${root} as a trusted project in ${this.file}.`;
  }
}

/** What is said of the folder itself counts before what is said of its project. */
function isTrusted(config: TomlTable, folder: string, root: string): boolean {
  const projects = memberOf(config, "projects");
  if (!isTable(projects)) return false;
  for (const path of [folder, root]) {
    const project = memberOf(projects, path);
    if (isTable(project)) return memberOf(project, "trust_level") === "trusted";
  }
  return false;
}

function ofProject(root: TomlTable): TomlTable {
  const table = Object.assign(emptyTable(), root);
  for (const name of NOT_OF_PROJECTS) delete table[name];
  return table;
}

function tableAt([name = "", ...rest]: readonly string[], value: TomlValue): TomlTable {
  const table = emptyTable();
  table[name] = rest.length === 0 ? value : tableAt(rest, value);
  return table;
}
