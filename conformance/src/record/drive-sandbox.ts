import { uriOf } from "../start-params.ts";
import type { WireLine } from "../wire-line.ts";

function special(kind: string, members: object = {}) {
  return { type: "special", value: { kind, ...members } };
}

function restricted(folder: string) {
  return {
    type: "managed",
    network: "restricted",
    file_system: {
      type: "restricted",
      entries: [
        { path: special("root"), access: "read" },
        { path: special("project_roots"), access: "write" },
        { path: special("project_roots", { subpath: ".git" }), access: "read" },
        { path: special("slash_tmp"), access: "write" },
        { path: special("tmpdir"), access: "write" },
        { path: { type: "path", path: uriOf(folder) }, access: "write" },
        { path: { type: "glob_pattern", pattern: `${folder}/**/*.env` }, access: "deny" },
      ],
    },
  };
}

function profiles(folder: string): readonly object[] {
  return [
    { type: "disabled" },
    { type: "external", network: "restricted" },
    { type: "external", network: "enabled" },
    { type: "managed", file_system: { type: "unrestricted" }, network: "enabled" },
    restricted(folder),
  ];
}

/** Send every form of the sandbox intent along with a harmless request. */
export async function driveSandbox(line: WireLine, folder: string): Promise<void> {
  for (const permissions of profiles(folder)) {
    const sandbox = {
      permissions,
      windowsSandboxLevel: "disabled",
      cwd: uriOf(folder),
      workspaceRoots: [uriOf(folder)],
    };
    await line.call("fs/getMetadata", { path: uriOf(folder), sandbox });
    await line.call("fs/getMetadata", {
      path: uriOf(folder),
      sandbox: { ...sandbox, windowsSandboxPrivateDesktop: false, useLegacyLandlock: false },
    });
  }
}
