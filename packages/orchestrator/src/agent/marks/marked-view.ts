import type { GitInfo, Thread } from "@holdfast/app-server-protocol";
import type { ThreadMark } from "./thread-marks.ts";

/** A thread as clients see it, with what people have said about it. */
export function markedView(view: Thread, { git, daybreakEnabled }: ThreadMark): Thread {
  return {
    ...view,
    ...(git === undefined ? {} : { gitInfo: gitInfo(git) }),
    ...(daybreakEnabled === undefined ? {} : { daybreakEnabled }),
  };
}

/** Null: nothing is known. */
export function gitInfo(git: ThreadMark["git"]): GitInfo | null {
  const { sha = null, branch = null, originUrl = null } = git ?? {};
  return sha === null && branch === null && originUrl === null ? null : { sha, branch, originUrl };
}
