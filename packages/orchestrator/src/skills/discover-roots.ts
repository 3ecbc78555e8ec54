import { isFileError, isUnsupported } from "@holdfast/exec-client";
import { basename, join, joinDescendant, type PathUri, parent } from "@holdfast/path-uri";
import { forEachAtOnce } from "../for-each-at-once.ts";
import { FILES_AT_ONCE } from "./limits.ts";
import { type CapabilityFile, callOptions, type DiscoveryPlace, readCapabilityFile, rootFiles } from "./root-files.ts";

/** A folder that a thread has selected, with what is below it. */
export interface DiscoveryRoot {
  readonly id: string;
  readonly path: PathUri;
}

/** A plugin that a root is. */
export interface DiscoveredPlugin {
  readonly manifest: CapabilityFile;
  /** Its MCP servers. */
  readonly mcpConfig: CapabilityFile | null;
  readonly appsConfig: CapabilityFile | null;
}

/** What lies below a root, as files: what they say is for who uses it. */
export interface RootFinding extends DiscoveryRoot {
  readonly plugin: DiscoveredPlugin | null;
  readonly skills: readonly { readonly instructions: CapabilityFile; readonly metadata: CapabilityFile | null }[];
  /** Manifests of plugins at the root and below it. */
  readonly namespaceManifests: readonly CapabilityFile[];
  /** What was left out, and why. */
  readonly warnings: readonly string[];
  /** Why nothing was found. It concerns this root alone. */
  readonly error: string | null;
}

const SKILL_FILE = "SKILL.md";
const MANIFEST = "plugin.json";
/** In this order. */
const MANIFEST_FOLDERS = [".codex-plugin", ".claude-plugin", ".cursor-plugin"];
const MCP_CONFIG = "./.mcp.json";
const APPS_CONFIG = "./.app.json";

/**
 * What selected roots offer: plugins, their configuration, skills. Each root is listed by one call that follows links to folders, up to six folders deep;
 * only the files that count are read, up to 1 MiB each.
 *
 * The answer is that of `capabilityRoots/discoverV1`, from any executor since 0.144.
 *
 * @throws LinkError - The connection is lost. What else goes wrong is told with its root.
 */
export async function discoverRoots(
  place: DiscoveryPlace,
  roots: readonly DiscoveryRoot[],
): Promise<readonly RootFinding[]> {
  return await Promise.all(roots.map((root) => discoverRoot(place, root)));
}

async function discoverRoot(place: DiscoveryPlace, { id, path }: DiscoveryRoot): Promise<RootFinding> {
  const nothing = { id, path, plugin: null, skills: [], namespaceManifests: [], warnings: [] };
  try {
    const found = await rootFiles(place, path, { hidden: true });
    if (found === undefined) return { ...nothing, error: await whyNot(place, path) };
    const reader = new RootReader(place, found.files);
    await reader.read();
    return {
      id,
      path,
      plugin: await reader.plugin(path),
      skills: reader.skills(),
      namespaceManifests: reader.manifests(),
      warnings: [
        ...reader.warnings,
        ...found.problems.map(({ path: at, message }) => `${at}: ${message}`),
        ...(found.isTruncated ? [`capability root ${path} has more than is looked at`] : []),
      ],
      error: null,
    };
  } catch (error) {
    if (!isFileError(error) && !isUnsupported(error)) throw error;
    return { ...nothing, error: `failed to inspect capability root ${path}: ${error.message}` };
  }
}

async function whyNot(place: DiscoveryPlace, path: PathUri): Promise<string> {
  const isThere = await place.executor.fs.exists(path, callOptions(place));
  return isThere
    ? `capability root ${path} is not a directory`
    : `failed to inspect capability root ${path}: no such folder`;
}

/** The files of one root that count. */
class RootReader {
  readonly warnings: string[] = [];
  readonly #place: DiscoveryPlace;
  readonly #paths: ReadonlySet<PathUri>;
  readonly #read = new Map<PathUri, CapabilityFile>();

  constructor(place: DiscoveryPlace, paths: readonly PathUri[]) {
    this.#place = place;
    this.#paths = new Set(paths);
  }

  async read(): Promise<void> {
    const skills = [...this.#paths].filter((path) => basename(path) === SKILL_FILE);
    const metadata = skills.map(metadataOf).filter((path) => this.#paths.has(path));
    await forEachAtOnce([...skills, ...metadata, ...this.#manifestPaths()], FILES_AT_ONCE, async (path) => {
      await this.#file(path);
    });
  }

  skills(): RootFinding["skills"] {
    return [...this.#paths]
      .flatMap((path) => (basename(path) === SKILL_FILE ? [path] : []))
      .sort()
      .flatMap((path) => {
        const instructions = this.#read.get(path);
        const metadata = this.#read.get(metadataOf(path)) ?? null;
        return instructions === undefined ? [] : [{ instructions, metadata }];
      });
  }

  manifests(): CapabilityFile[] {
    return this.#manifestPaths().flatMap((path) => this.#read.get(path) ?? []);
  }

  async plugin(root: PathUri): Promise<DiscoveredPlugin | null> {
    const at = MANIFEST_FOLDERS.map((name) => join(root, `${name}/${MANIFEST}`)).find((path) => this.#paths.has(path));
    const manifest = at === undefined ? undefined : this.#read.get(at);
    if (manifest === undefined) return null;
    const told = membersOf(manifest.contents);
    return {
      manifest,
      mcpConfig: await this.#config(root, manifest, ["mcpServers", told?.mcpServers, MCP_CONFIG]),
      appsConfig: await this.#config(root, manifest, ["apps", told?.apps, APPS_CONFIG]),
    };
  }

  /** What a manifest does not say lies where it always does; what it says itself lies in no file. */
  async #config(
    root: PathUri,
    manifest: CapabilityFile,
    [member, told, usual]: readonly [member: string, told: unknown, usual: string],
  ): Promise<CapabilityFile | null> {
    if (told !== undefined && typeof told !== "string") return null;
    const path = told ?? usual;
    if (!path.startsWith("./")) {
      this.warnings.push(`ignoring ${member} in ${manifest.path}: path must start with \`./\``);
      return null;
    }
    const uri = below(root, path);
    if (uri === undefined) {
      this.warnings.push(`ignoring ${member} in ${manifest.path}: path leads out of the plugin`);
      return null;
    }
    return this.#paths.has(uri) ? ((await this.#file(uri)) ?? null) : null;
  }

  /** One for each plugin, at the root and below it. */
  #manifestPaths(): PathUri[] {
    const byPlugin = new Map<PathUri, PathUri[]>();
    for (const path of this.#paths) {
      const folder = parent(path);
      const plugin = folder && parent(folder);
      if (basename(path) !== MANIFEST || folder === undefined || plugin === undefined) continue;
      if (MANIFEST_FOLDERS.includes(basename(folder) ?? "")) {
        byPlugin.set(plugin, [...(byPlugin.get(plugin) ?? []), path]);
      }
    }
    const rank = (path: PathUri): number => MANIFEST_FOLDERS.indexOf(basename(parent(path) ?? path) ?? "");
    return [...byPlugin.values()].flatMap((paths) => paths.sort((a, b) => rank(a) - rank(b)).slice(0, 1)).sort();
  }

  async #file(path: PathUri): Promise<CapabilityFile | undefined> {
    const known = this.#read.get(path);
    if (known !== undefined) return known;
    const file = await readCapabilityFile(this.#place, path);
    if ("reason" in file) {
      this.warnings.push(`capability file ${path}: ${file.reason}`);
      return undefined;
    }
    this.#read.set(path, file);
    return file;
  }
}

function metadataOf(skill: PathUri): PathUri {
  return join(parent(skill) ?? skill, "agents/openai.yaml");
}

function below(root: PathUri, path: string): PathUri | undefined {
  try {
    return joinDescendant(root, path);
  } catch {
    return undefined;
  }
}

function membersOf(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
