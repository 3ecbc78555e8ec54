import { type Handlers, NO_ANSWER } from "./fake-exec-server.ts";

/** Takes calls of these methods and says nothing, for good. */
export const neverAnswers = (...methods: string[]): Handlers =>
  Object.fromEntries(methods.map((method) => [method, () => NO_ANSWER]));
