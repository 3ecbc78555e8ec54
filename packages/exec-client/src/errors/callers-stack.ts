interface StackCapturing {
  captureStackTrace?: (error: Error) => void;
}

/**
 * Give an error that was made where a message came in the stack of the code that is running now.
 *
 * After an `await` in an async function that is the stack of its callers, as far as they await as well: the engine finds them by
 * their promises, so that nothing needs to be recorded by calls that succeed. Engines that can not leave the error as it is.
 */
export function withCallersStack<Thrown>(error: Thrown): Thrown {
  if (error instanceof Error) (Error as StackCapturing).captureStackTrace?.(error);
  return error;
}
