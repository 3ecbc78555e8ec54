import type { Handlers } from "./fake-exec-server.ts";
import { NO_ANSWER } from "./scripted-server.ts";

/** Frames that are no message of the protocol. */
export const GARBAGE: Readonly<Record<string, string>> = {
  "no JSON": "\u0000\u0001 nonsense {",
  "half a message": '{"id":1,"resu',
  "an empty frame": "",
  "a number": "42",
  null: "null",
  "an array": '[{"id":1,"result":{}}]',
  "neither result nor error": '{"id":1}',
  "an id of no kind": '{"id":{},"result":{}}',
  "an error of no kind": '{"id":1,"error":"no"}',
};

/** Says one frame of garbage instead of an answer to this method. */
export function answersGarbage(method: string, frame: string): Handlers {
  return {
    [method]: (_, server) => {
      server.sendText(frame);
      return NO_ANSWER;
    },
  };
}
