/** Longer than any recovery lasts; the timer is never meant to fire. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * Keep the event loop running, as the socket did: without one, and with timers that hold nothing, a program would end
 * silently in the middle of an `await`. Returns the function that lets go.
 */
export function keepAlive(): () => void {
  const timer = setTimeout(() => {}, NEVER_MS);
  return () => clearTimeout(timer);
}
