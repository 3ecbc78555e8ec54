import { ConfigWriteError } from "../../config/config-error.ts";
import { type SkillSelector, skillEdit } from "../../skills/skill-config.ts";
import { absolutePath } from "../absolute-path.ts";
import { readFault, writeFault } from "../config/config-faults.ts";
import { invalidParams } from "../faults.ts";
import type { HostServices } from "../host-services.ts";
import type { Room } from "../room.ts";
import { EXTRA_ROOTS_MAX, SKILL_FOLDERS_MAX } from "./limits.ts";
import { SkillLists } from "./skill-lists.ts";

/** How paths are written in the configuration of this machine. */
const HERE = { pathConvention: process.platform === "win32" ? "windows" : "posix" } as const;

/** Who writes the file by other means may have done so meanwhile, as often. */
const ATTEMPTS = 8;

/** Instructions for kinds of work, and which of them are used. */
export function skillsRoom(services: HostServices): Room {
  const { config, clients, cwd: own } = services;
  const lists = new SkillLists(services, () => clients.notifyAll("skills/changed", {}));
  return {
    close: () => lists.close(),
    handlers: {
      "skills/list": async ({ cwds = [], forceReload = false }) => {
        checkCount("skills/list", "cwds", cwds.length, SKILL_FOLDERS_MAX);
        const folders = cwds.length === 0 ? [own] : cwds;
        try {
          const table = await config.table();
          return { data: await Promise.all(folders.map((cwd) => lists.list(cwd, table, forceReload))) };
        } catch (error) {
          throw readFault(error, "failed to load configuration");
        }
      },
      "skills/extraRoots/set": ({ extraRoots }) => {
        checkCount("skills/extraRoots/set", "extraRoots", extraRoots.length, EXTRA_ROOTS_MAX);
        lists.useExtraRoots(extraRoots.map((path) => absolutePath(path, HERE)));
        clients.notifyAll("skills/changed", {});
        return {};
      },
      "skills/config/write": async ({ name, path, enabled }) => {
        await write(services, selectorOf(name, path), enabled);
        clients.notifyAll("skills/changed", {});
        return { effectiveEnabled: enabled };
      },
    },
  };
}

async function write({ config }: HostServices, selector: SkillSelector, isEnabled: boolean): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { table, version } = await config.userLayer();
      await config.write({ edits: [skillEdit(table, selector, isEnabled)], expectedVersion: version });
      return;
    } catch (error) {
      const isConflict = error instanceof ConfigWriteError && error.code === "configVersionConflict";
      if (!isConflict || attempt === ATTEMPTS) throw writeFault(error);
    }
  }
}

function selectorOf(name: string | null | undefined, path: string | null | undefined): SkillSelector {
  if (typeof path === "string") absolutePath(path, HERE);
  if (typeof name === "string" && name.trim() !== "" && typeof path !== "string") return { name };
  if (typeof path === "string" && typeof name !== "string") return { path };
  throw invalidParams("skills/config/write requires exactly one of path or name");
}

function checkCount(method: string, member: string, count: number, most: number): void {
  if (count > most) throw invalidParams(`${method} must not have more than ${most} ${member}, got ${count}`);
}
