import type { EnvironmentInfo } from "@holdfast/exec-server-protocol";
import { type PathUri, pathUriFromNative } from "@holdfast/path-uri";
import type { Sandboxing } from "../confinement/index.ts";
import { canHoldPlaces } from "../filesystem/index.ts";
import { canWatchFolders } from "../platform/inotify.ts";
import { homeFolder, temporaryFolder } from "../platform/machine-folders.ts";
import { canPassDescriptors } from "../platform/socket-pair.ts";
import { detectShell } from "./shell.ts";

/** What the facts are taken from. */
export interface EnvironmentSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute native path. */
  readonly cwd: string;
  readonly version: string;
  readonly sandboxing: Pick<Sandboxing, "isLikely">;
}

const PLATFORM_NAMES: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: "macos", win32: "windows" };

function uri(path: string): PathUri {
  return pathUriFromNative(path, "posix");
}

/** An absolute path in a variable; anything else names no folder. */
function folder(path: string | undefined): PathUri | undefined {
  return path?.startsWith("/") ? uri(path) : undefined;
}

/** What this executor says about itself. Only capabilities that it really has are named. */
export function environmentInfo({ env, cwd, version, sandboxing }: EnvironmentSources): EnvironmentInfo {
  const temporary = folder(env.TMPDIR);
  return {
    shell: detectShell(env),
    cwd: uri(cwd),
    executorVersion: version,
    userHomeDir: uri(homeFolder(env)),
    platformOs: PLATFORM_NAMES[process.platform] ?? process.platform,
    temporaryDirectories: temporary === undefined ? [] : [temporary],
    tempDir: uri(temporaryFolder(env)),
    // Looked at whenever it is told: what confines may be found, or come, later.
    get capabilities() {
      const proxied = canPassDescriptors() ? { networkProxyLaunch: true } : {};
      const confined = sandboxing.isLikely ? { sandboxedFileStreaming: true, ...proxied } : {};
      const watched = canWatchFolders() ? { holdfastWatch: true } : {};
      const staged = canHoldPlaces() ? { holdfastStaging: true, holdfastTrees: true } : {};
      const always = {
        fsWatchMissing: true,
        fileWriteStreaming: true,
        httpHeaderEnvVars: true,
        holdfastOutputHold: true,
        holdfastProcessControl: true,
        holdfastProcessEnding: true,
        holdfastConnections: true,
        holdfastListeners: true,
        holdfastSharing: true,
        holdfastFiles: true,
        holdfastNoReplace: true,
        holdfastSearch: true,
        holdfastBinaryMessages: true,
      };
      return { ...staged, ...watched, ...always, ...confined };
    },
  };
}
