/** The text of what kept a request from being answered: that of the platform says nothing by itself. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof AggregateError && cause.message === "") return cause.errors.map(describeFailure).join("; ");
  return cause instanceof Error ? describeFailure(cause) : error.message;
}
