import { OURS, type ServerRelease, serverRelease } from "../app-server/server-release.ts";
import { killInATurn } from "./kill-in-a-turn.ts";
import type { ThreadsOptions } from "./options.ts";
import { type KeptItems, type Owners, passOn } from "./pass-on.ts";

/** Its threads keep what was said alone, and it reads no others. */
const OLD_RELEASE = "0.144.6";

/** Have each release and ours pass threads on to one another, and ours be killed. @returns whether all of it held. */
export async function runThreads({ releases }: ThreadsOptions, print: (line: string) => void): Promise<boolean> {
  const install = (name: string): Promise<ServerRelease> =>
    serverRelease(name, (version) => print(`installing reference release ${version}`));
  const ours = await install(OURS);
  let holds = true;
  for (const name of releases) {
    const release = await install(name);
    const ways: readonly [Owners, KeptItems][] =
      name === OLD_RELEASE
        ? [[[release, ours, release], "said"]]
        : [
            [[release, ours, release], "all"],
            [[ours, release, ours], "all"],
          ];
    for (const [owners, kept] of ways) {
      const way = owners.map((owner) => owner.name).join(" -> ");
      holds = (await held(way, () => passOn(owners, kept), print)) && holds;
    }
  }
  return (await held("holdfast, killed in the middle of a turn", () => killInATurn(ours), print)) && holds;
}

async function held(what: string, run: () => Promise<void>, print: (line: string) => void): Promise<boolean> {
  try {
    await run();
    print(`holds  ${what}`);
    return true;
  } catch (error) {
    print(`FAILS  ${what}: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}
