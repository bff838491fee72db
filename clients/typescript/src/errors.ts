// What can go wrong, as errors: a problem document (RFC 9457) is one of its status's kind. `code`
// is stable and what a program should look at; `detail` is for people. Knows no connections.

/** Anything this client throws, but what a signal of yours was aborted with. */
export class TalkingError extends Error {
  constructor(told: string, options?: ErrorOptions) {
    super(told, options);
    this.name = new.target.name;
  }
}

/**
 * No answer came, also when it was tried again. What was asked for may have been done: under the
 * same `idempotencyKey` it is done once.
 */
export class ConnectionFailedError extends TalkingError {
  constructor(
    told: string,
    readonly idempotencyKey: string | null,
    options?: ErrorOptions,
  ) {
    super(told, options);
  }
}

/** The live channel was closed for good, with this close code. */
export class LiveRefusedError extends TalkingError {
  constructor(
    readonly closeCode: number,
    readonly reason: string,
  ) {
    super(`${closeCode}: ${reason}`);
  }
}

/** A message that was not signed by the secret, or not lately. */
export class WebhookRefusedError extends TalkingError {}

/** What a refusal says, with what its headers add. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string;
  readonly retryAfterSeconds: number | null;
  readonly extra: Readonly<Record<string, unknown>>;
}

/**
 * A refusal: `code` says which, `requestId` finds it in the server's log, and `extra` has the
 * members that only this code has.
 */
export class ProblemError extends TalkingError implements Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string;
  readonly retryAfterSeconds: number | null;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.status = problem.status;
    this.code = problem.code;
    this.title = problem.title;
    this.detail = problem.detail;
    this.requestId = problem.requestId;
    this.retryAfterSeconds = problem.retryAfterSeconds;
    this.extra = problem.extra;
  }
}

/** What was sent cannot be taken: 400, 413, 415, 422. */
export class InvalidError extends ProblemError {}

/** No valid token or key: 401. */
export class UnauthenticatedError extends ProblemError {}

/** A limit of the plan, or a payment that was refused: 402. */
export class PaymentRequiredError extends ProblemError {}

/** Not allowed: 403. */
export class ForbiddenError extends ProblemError {}

/** Nothing like it that one may see: 404. */
export class NotFoundError extends ProblemError {}

/** Not in a state that allows it: 409. */
export class ConflictError extends ProblemError {}

/** Too much at once: 429. */
export class RateLimitedError extends ProblemError {}

/** Not just now: 503. */
export class UnavailableError extends ProblemError {}

const KINDS: Readonly<Record<number, typeof ProblemError>> = {
  400: InvalidError,
  401: UnauthenticatedError,
  402: PaymentRequiredError,
  403: ForbiddenError,
  404: NotFoundError,
  409: ConflictError,
  413: InvalidError,
  415: InvalidError,
  422: InvalidError,
  429: RateLimitedError,
  503: UnavailableError,
};

/**
 * The error of an answer that is no success, whoever gave it: a proxy's page has no code, so that
 * it is `http_502` and alike.
 */
export function problemOf(answer: {
  readonly status: number;
  readonly body: string;
  readonly requestId: string;
  readonly retryAfterSeconds: number | null;
}): ProblemError {
  const { status, requestId, retryAfterSeconds } = answer;
  const { type, status: said, title, detail, code, ...extra } = members(answer.body);
  const kind = KINDS[status] ?? ProblemError;
  return new kind({
    status,
    code: String(code ?? `http_${status}`),
    title: String(title ?? ""),
    detail: String(detail ?? `The answer was ${status}.`),
    requestId,
    retryAfterSeconds,
    extra,
  });
}

/** The members of a body that is a JSON object; of any other, none. */
function members(body: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(body);
    return typeof read === "object" && read !== null && !Array.isArray(read) ? { ...read } : {};
  } catch {
    return {};
  }
}
