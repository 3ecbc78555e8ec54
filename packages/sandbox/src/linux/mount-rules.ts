import type { FileSystemAccessMode } from "@holdfast/permission-profile";
import type { FileView } from "../machine.ts";
import type { EffectiveRules } from "./effective-rules.ts";
import type { MountList } from "./mount-list.ts";
import { byDepth, isWithin, parentOf } from "./native-path.ts";
import type { NativeRule } from "./native-rules.ts";
import type { ProtectedMetadata } from "./protected-metadata.ts";
import type { CrossedLink } from "./resolve-links.ts";

interface RulePlace {
  readonly kind: "rule";
  readonly path: string;
  readonly access: FileSystemAccessMode;
  readonly isMetadata: boolean;
}

interface LinkPlace extends CrossedLink {
  readonly kind: "link";
}

type Place = RulePlace | LinkPlace;

/** Mount what the rules say, every folder before what is below it, so that the deeper rule wins. */
export function mountRules(
  mounts: MountList,
  rules: EffectiveRules,
  metadata: ProtectedMetadata,
  files: FileView,
): void {
  const places = placesOf(rules, metadata);
  const leadingOn = foldersAbove(places, files);
  for (const place of places) {
    if (place.kind === "link") mountLink(mounts, place);
    else if (files.kindOf(place.path) === undefined) mountMissing(mounts, place, files);
    else mountExisting(mounts, place, leadingOn, files);
  }
}

function placesOf({ tree, links }: EffectiveRules, metadata: ProtectedMetadata): Place[] {
  const byPath = new Map<string, Place>();
  for (const { path, target } of links) byPath.set(path, { kind: "link", path, target });
  const extra: NativeRule[] = [...metadata.elsewhere];
  for (const path of metadata.names) extra.push({ path, access: "read" });
  for (const { path, access } of [...extra, ...tree.rules()]) {
    byPath.set(path, { kind: "rule", path, access, isMetadata: metadata.names.has(path) });
  }
  byPath.delete("/");
  return [...byPath.values()].sort(byDepth);
}

/** Folders that something granted lies below: they have to stay passable when they are hidden. */
function foldersAbove(places: readonly Place[], files: FileView): ReadonlySet<string> {
  const folders = new Set<string>();
  for (const place of places) {
    if (place.kind === "rule" && (place.access === "deny" || files.kindOf(place.path) === undefined)) continue;
    let folder = parentOf(place.path);
    while (!folders.has(folder)) {
      folders.add(folder);
      folder = parentOf(folder);
    }
  }
  return folders;
}

function mountLink(mounts: MountList, { path, target }: LinkPlace): void {
  if (mounts.accessOf(path) === "deny") mounts.link(path, target);
}

function mountExisting(mounts: MountList, place: RulePlace, leadingOn: ReadonlySet<string>, files: FileView): void {
  const { path, access, isMetadata } = place;
  const above = mounts.accessAbove(path);
  if (access !== "deny" && isPrivate(path)) return;
  // A folder to write to all the same: only where a mount begins can a command put nothing else in its place.
  if (access === above && (access !== "write" || files.kindOf(path) !== "directory")) return;
  holdWays(mounts, path);
  if (above === "write" && isEmptyFile(path, files)) mounts.needs({ path, kind: "file" });
  if (access === "deny") hide(mounts, path, leadingOn.has(path), files);
  else if (isMetadata && isEmptyFolder(path, files)) coverMetadata(mounts, path);
  else mounts.show(path, access);
}

/** Keep a path from coming into being where commands could make it. */
function mountMissing(mounts: MountList, { path, access, isMetadata }: RulePlace, files: FileView): void {
  if (access === "write" || mounts.accessAbove(path) !== "write") return;
  const first = firstMissing(path, files);
  if (mounts.has(first) || !files.canCreateIn(parentOf(first))) return;
  holdWays(mounts, first);
  if (isMetadata) {
    coverMetadata(mounts, path);
    return;
  }
  mounts.needs({ path: first, kind: "file" });
  mounts.hideFile(first);
}

function coverMetadata(mounts: MountList, path: string): void {
  mounts.needs({ path, kind: "directory" });
  mounts.emptyFolder(path);
}

/**
 * Make every folder on the way to a place a mount of its own, as far as commands can write there: what is below a mount
 * follows a rename of an ordinary folder, but where a mount begins nothing can be renamed or removed.
 */
function holdWays(mounts: MountList, path: string): void {
  const folders: string[] = [];
  for (let folder = parentOf(path); mounts.accessOf(folder) === "write"; folder = parentOf(folder)) {
    // Those of a folder that is a mount already are held.
    if (mounts.has(folder) || isPrivate(folder)) break;
    folders.push(folder);
  }
  for (const folder of folders.reverse()) mounts.show(folder, "write");
}

/** Make a path unreadable, and its name unmovable. */
export function hide(mounts: MountList, path: string, leadsOn: boolean, files: FileView): void {
  holdWays(mounts, path);
  if (files.kindOf(path) === "directory") mounts.hideFolder(path, leadsOn);
  else mounts.hideFile(path);
}

/** The sandbox has its own `/dev` and `/proc`; mounting those of the machine would show its processes and devices. */
function isPrivate(path: string): boolean {
  return path === "/dev" || isWithin(path, "/proc");
}

function firstMissing(path: string, files: FileView): string {
  const folder = parentOf(path);
  return files.kindOf(folder) === undefined ? firstMissing(folder, files) : path;
}

function isEmptyFile(path: string, files: FileView): boolean {
  return files.kindOf(path) === "file" && files.readText(path, 1) === "";
}

function isEmptyFolder(path: string, files: FileView): boolean {
  return files.kindOf(path) === "directory" && files.list(path).length === 0;
}
