import { openAsBlob } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join as joinLocal } from "node:path";
import { displayPath } from "@holdfast/exec-client";
import { join, type PathUri, parent } from "@holdfast/path-uri";
import {
  type Entry,
  type Manifest,
  Permissions,
  SandboxConfigurationError,
  SandboxGitArtifactError,
  SandboxLocalDirReadError,
  SandboxUnsupportedFeatureError,
} from "@openai/agents/sandbox";
import type { Workspace } from "./workspace.ts";

type GitRepo = Extract<Entry, { readonly type: "git_repo" }>;

const FETCH = `git init --quiet "$1" && git -C "$1" fetch --quiet --depth 1 -- "$2" "$3" && git -C "$1" checkout --quiet --detach FETCH_HEAD`;

/** @throws SandboxUnsupportedFeatureError - The manifest asks for what is not done here. Nothing was laid down. */
export function refuseUnsupported(manifest: Manifest): void {
  if (manifest.extraPathGrants.length > 0) throw unsupported("extraPathGrants", "keep everything in the workspace");
  if (manifest.groups.length > 0) throw unsupported("groups", "make them on the executor's machine");
  for (const { logicalPath, entry } of manifest.iterEntries()) refuseEntry(logicalPath, entry);
}

export function refuseEntry(path: string, entry: Entry): void {
  const name = `entry ${JSON.stringify(path)}`;
  const isKnown = ["dir", "file", "local_file", "local_dir", "git_repo"].includes(entry.type);
  if (!isKnown) throw unsupported(`${name} of type ${entry.type}`, "mount it on the executor's machine");
  if (entry.group !== undefined) throw unsupported(`group of ${name}`, "leave it out");
  if (entry.type === "git_repo" && entry.subpath !== undefined) {
    throw unsupported(`subpath of ${name}`, "take the whole repository");
  }
  if (entry.type !== "dir") return;
  for (const [child, inner] of Object.entries(entry.children ?? {})) refuseEntry(`${path}/${child}`, inner);
}

/** Lay an entry down in the workspace, over what is there. @throws unknown - As the executor says it. */
export async function layEntry(workspace: Workspace, path: string, entry: Entry): Promise<void> {
  const { layingSandbox: sandbox, executor } = workspace;
  const { fs } = executor;
  const target = workspace.place(path);
  const folder = entry.type === "dir" || entry.type === "local_dir" ? target : parent(target);
  if (folder !== undefined) await fs.createDirectory(folder, { recursive: true, sandbox });
  const mode = entry.permissions === undefined ? undefined : new Permissions(entry.permissions).toMode() & 0o7777;
  if (entry.type === "dir") {
    for (const [child, inner] of Object.entries(entry.children ?? {})) {
      await layEntry(workspace, `${workspace.nameOf(path)}/${child}`.replace(/^\//, ""), inner);
    }
  }
  if (entry.type === "file") await fs.writeFile(target, entry.content, { sandbox });
  if (entry.type === "local_file") await layLocal(workspace, entry.src, target);
  if (entry.type === "local_dir") await layLocal(workspace, entry.src, target);
  if (entry.type === "git_repo") await fetchRepository(workspace, entry, target);
  if (mode !== undefined) await fs.chmod(target, mode, { sandbox });
}

/** A file or folder of this machine. Links are refused: what they lead to is not part of what was named. */
async function layLocal(workspace: Workspace, source: string, target: PathUri): Promise<void> {
  const { layingSandbox: sandbox, executor } = workspace;
  const { fs } = executor;
  const found = await lstat(source);
  if (found.isFile()) {
    await fs.writeFile(target, await openAsBlob(source), { sandbox, mode: found.mode & 0o777 });
  } else if (found.isDirectory()) {
    await fs.createDirectory(target, { recursive: true, sandbox });
    for (const name of await readdir(source)) await layLocal(workspace, joinLocal(source, name), join(target, name));
  } else {
    throw new SandboxLocalDirReadError(`${source} is neither a file nor a folder: links and devices are not taken`);
  }
}

async function fetchRepository(workspace: Workspace, entry: GitRepo, target: PathUri): Promise<void> {
  const { repo, host = "github.com", ref = "HEAD" } = entry;
  if (ref.startsWith("-")) throw new SandboxConfigurationError(`ref must name a commit, not ${JSON.stringify(ref)}`);
  const isWhole = /^(?:\/|[a-z+]+:\/\/|[^/]+@[^/]+:)/.test(repo);
  const url = isWhole ? repo : `https://${host}/${repo}.git`;
  const { exitCode, stderr } = await workspace.executor.sh(FETCH, {
    args: [displayPath(target), url, ref],
    cwd: workspace.root,
    env: { GIT_TERMINAL_PROMPT: "0" },
    sandbox: workspace.layingSandbox,
  });
  if (exitCode === 0) return;
  const code = exitCode === 127 ? "git_missing_in_image" : "git_clone_error";
  throw new SandboxGitArtifactError(`git could not fetch ${ref} of ${repo}: ${stderr.trim()}`, code);
}

function unsupported(what: string, instead: string): SandboxUnsupportedFeatureError {
  return new SandboxUnsupportedFeatureError(`${what} is not supported on an executor; ${instead}`);
}
