import { holdUndici } from "./http/index.ts";
import { canPosixSpawn } from "./platform/posix-spawn.ts";
import { loadPty } from "./pty/native-pty.ts";

/**
 * Load, or take into memory, what would otherwise be read from disk when it is first used. Called before anything is started for
 * a client: what a command changes on disk, or an update of this program while it runs, then changes nothing here.
 *
 * What is held as text costs little; what is loaded is native code, which is mapped and costs less.
 */
export function loadOwnParts(): void {
  canPosixSpawn();
  for (const load of [holdUndici, loadPty]) {
    try {
      load();
    } catch {
      // It is missing here: its first use reports that.
    }
  }
}
