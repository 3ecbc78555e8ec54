import type { NoticeHandler, RequestHandler } from "@holdfast/protocol-kit";

/** A handler, or the word for a method that is left out on purpose and refused as an unknown one. */
export type Handler<Params, Result, Context> = RequestHandler<Params, Result, Context>;

interface Request {
  readonly params: unknown;
  readonly result: unknown;
}

/** One handler for each request of a table. `unsupported` leaves a method out on purpose. */
export type RequestHandlers<Requests extends { [Method in keyof Requests]: Request }, Context> = {
  [Method in keyof Requests]: Handler<Requests[Method]["params"], Requests[Method]["result"], Context>;
};

/** One handler for each notice of a table. */
export type NoticeHandlers<Notices, Context> = {
  [Method in keyof Notices]: NoticeHandler<Notices[Method], Context>;
};
