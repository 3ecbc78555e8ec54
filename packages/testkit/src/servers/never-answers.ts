import type { Handlers } from "./fake-exec-server.ts";
import { NO_ANSWER } from "./scripted-server.ts";

/** Takes calls of these methods and says nothing, for good. */
export function neverAnswers(...methods: string[]): Handlers {
  return Object.fromEntries(methods.map((method) => [method, () => NO_ANSWER]));
}
