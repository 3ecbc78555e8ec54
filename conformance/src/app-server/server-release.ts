import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureRelease, type Release } from "@holdfast/reference-peer";
import { REPO_ROOT } from "../places.ts";

/** Our own server, by the name under which it is asked for among the releases. */
export const OURS = "holdfast";

/** The release as which ours answers. */
const ANSWERS_AS = "0.171.0";

/** A program with an app server: a release, or ours, which has to do what the newest one does. */
export interface ServerRelease extends Release {
  /** In reports: the number of a release, or {@link OURS}. */
  readonly name: string;
  /** The version that it tells its clients. */
  readonly told: string;
}

/** @param onInstall - Called with the number of a release that is to be downloaded. */
export async function serverRelease(name: string, onInstall: (version: string) => void): Promise<ServerRelease> {
  if (name === OURS) {
    return {
      name,
      version: ANSWERS_AS,
      told: ownVersion(),
      program: join(REPO_ROOT, "node_modules", ".bin", "holdfast"),
    };
  }
  return { name, told: name, ...(await ensureRelease(name, onInstall)) };
}

function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(REPO_ROOT, "packages", "cli", "package.json"), "utf8"));
  return (manifest as { readonly version: string }).version;
}

/** As lines for people begin. */
export function shownServer({ name }: Pick<ServerRelease, "name">): string {
  return (name === OURS ? name : `codex ${name}`).padEnd(15);
}
