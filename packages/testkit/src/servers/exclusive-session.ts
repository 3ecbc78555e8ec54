import type { FakeExecServer, Handlers } from "./fake-exec-server.ts";
import { Refusal } from "./scripted-server.ts";
import { openSession, SESSION_ID } from "./sessions.ts";

/** One session for all connections: whoever resumes it is refused (-32010) while another connection has it. */
export function exclusiveSession(): Handlers {
  let holder: FakeExecServer | undefined;
  return {
    initialize: ({ resumeSessionId }, server) => {
      const isHeld = holder !== undefined && holder !== server && holder.closed === undefined;
      if (isHeld && resumeSessionId !== null) {
        throw new Refusal(-32010, `session ${SESSION_ID} is already attached to another connection`);
      }
      holder = server;
      return openSession();
    },
  };
}
