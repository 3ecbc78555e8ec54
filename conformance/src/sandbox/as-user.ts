import type { ServeOptions } from "../scenario.ts";
import type { Playground } from "./playground.ts";

/** An unprivileged user for machines where this program is root. */
export const UNPRIVILEGED = 1000;

/** The users as whom peers can be started here: the unprivileged one first. */
export function users(): readonly number[] {
  const own = process.getuid?.() ?? UNPRIVILEGED;
  return own === 0 ? [UNPRIVILEGED, 0] : [own];
}

/** Start an executor as `uid`, with the playground's home and temporary folder for its own. */
export function serveAs(uid: number, playground: Pick<Playground, "home" | "temporary">): ServeOptions {
  const env = { HOME: playground.home, TMPDIR: playground.temporary };
  if (uid === (process.getuid?.() ?? uid)) return { env };
  const drop = `exec setpriv --reuid=${uid} --regid=${uid} --clear-groups -- "$@"`;
  return { env, shellPrelude: `[ -z "\${CODEX_HOME-}" ] || chown ${uid}:${uid} "$CODEX_HOME"\n${drop}` };
}
