// When a request is sent again, and after how long. Time and chance are arguments of what decides.
// Every write has an Idempotency-Key, so that nothing is done twice however often it is sent.

/**
 * How often a request is sent at most, the first pause of those that double, and the longest that
 * is waited for. A server that asks for more is told to the caller at once.
 */
export interface Retries {
  readonly attempts: number;
  readonly firstPauseSeconds: number;
  readonly mostPauseSeconds: number;
}

/** What may be given of them. */
export type SomeRetries = { readonly [Name in keyof Retries]?: Retries[Name] | undefined };

export const USUAL: Retries = { attempts: 4, firstPauseSeconds: 0.5, mostPauseSeconds: 60 };

const AGAIN = [429, 503];
const STILL_RUNS = "idempotency_in_progress";

/** What was given, and the rest as usual. */
export function filled(usual: Retries, given: SomeRetries = {}): Retries {
  return {
    attempts: given.attempts ?? usual.attempts,
    firstPauseSeconds: given.firstPauseSeconds ?? usual.firstPauseSeconds,
    mostPauseSeconds: given.mostPauseSeconds ?? usual.mostPauseSeconds,
  };
}

/**
 * The pause in seconds after the connection failed at this attempt (from 1); null: no more.
 * `chance` is from 0 to 1.
 */
export function pauseAfterCut(retries: Retries, attempt: number, chance: number): number | null {
  if (attempt >= retries.attempts) return null;
  const doubled = retries.firstPauseSeconds * 2 ** (attempt - 1);
  return Math.min(doubled, retries.mostPauseSeconds) * (0.5 + chance / 2);
}

/**
 * The pause in seconds after this refusal; null: it stands. 429 without a time to wait for stands,
 * for it is about what the caller has at once.
 */
export function pauseAfterAnswer(
  retries: Retries,
  attempt: number,
  chance: number,
  refusal: {
    readonly status: number;
    readonly code: string;
    readonly retryAfterSeconds: number | null;
  },
): number | null {
  if (!AGAIN.includes(refusal.status) && refusal.code !== STILL_RUNS) return null;
  const pause = pauseAfterCut(retries, attempt, chance);
  const asked = refusal.retryAfterSeconds;
  if (asked === null) return refusal.status === 429 ? null : pause;
  return pause === null || asked > retries.mostPauseSeconds ? null : Math.max(asked, 0);
}

/** A Retry-After in seconds; null without one, or for a date. */
export function seconds(header: string | null): number | null {
  return header !== null && /^\d+(\.\d+)?$/.test(header) ? Number(header) : null;
}

/** Waits so many seconds, or until the signal is aborted. */
export function wait(pause: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, pause * 1000);
    signal?.addEventListener("abort", done);
    if (signal?.aborted) done();
  });
}
