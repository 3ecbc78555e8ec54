import { type Handlers, NO_ANSWER } from "./fake-exec-server.ts";

/** Takes calls of these methods and says nothing, for good. */
export function neverAnswers(...methods: string[]): Handlers {
  return Object.fromEntries(methods.map((method) => [method, () => NO_ANSWER]));
}
