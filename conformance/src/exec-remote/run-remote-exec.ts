import { ensureRelease } from "@holdfast/reference-peer";
import { ownHost } from "../own-host.ts";
import { OWN } from "../tui/options.ts";
import { serveHost } from "../tui/served-host.ts";
import { REMOTE_CHECKS } from "./checks.ts";
import { REMOTE_EXEC_RELEASES, type RemoteExecOptions } from "./options.ts";
import { runRemoteExec } from "./run-release.ts";

/** @returns whether all of it holds. */
export async function runRemoteExecs(
  { release: only, host, place, check: part }: RemoteExecOptions,
  print: (line: string) => void,
): Promise<boolean> {
  let failures = 0;
  for (const version of only === undefined ? REMOTE_EXEC_RELEASES : [only]) {
    const release = await ensureRelease(version);
    for (const name of host === undefined ? [version, OWN] : [host]) {
      const isOwn = name === OWN;
      await using served = await serveHost({
        release: isOwn ? await ownHost() : await ensureRelease(name),
        isOwn,
        place,
      });
      for (const check of REMOTE_CHECKS.filter(({ id }) => id.includes(part))) {
        const exec = (...args: readonly string[]) =>
          runRemoteExec(release, { url: served.url, cwd: served.folder, args });
        const failure = await check.run({ place, exec }).then(
          () => undefined,
          (error: unknown) => (error instanceof Error ? error.message : String(error)),
        );
        const who = `${isOwn ? OWN : `codex ${name}`}, ${place}, before ${version}`;
        print(`${who.padEnd(42)} ${check.id.padEnd(18)} ${failure === undefined ? "pass" : "FAIL"}`);
        if (failure === undefined) continue;
        failures += 1;
        print(`    ${check.sentence}: ${failure}`);
      }
    }
  }
  return failures === 0;
}
