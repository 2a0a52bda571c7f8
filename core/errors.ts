/**
 * The one catalogue of coded errors. A code tells a program what happened, `retryable` whether the same call may
 * succeed later, `exitCode` what the `pam` command answers (sysexits.h where one fits).
 */
export const errorCatalogue = {
  INVALID_INPUT: { retryable: false, exitCode: 64 },
  INVALID_DATA: { retryable: false, exitCode: 65 },
  NOT_FOUND: { retryable: false, exitCode: 66 },
  DENIED: { retryable: false, exitCode: 77 },
  REJECTED: { retryable: false, exitCode: 70 },
  INVALID_CONFIG: { retryable: false, exitCode: 78 },
  UNAVAILABLE: { retryable: true, exitCode: 69 },
  CONFLICT: { retryable: true, exitCode: 75 },
  THROTTLED: { retryable: true, exitCode: 75 },
  TOOL_MISSING: { retryable: false, exitCode: 69 },
} as const;

export type ErrorCode = keyof typeof errorCatalogue;

/** An error a user can act on: its message names what is wrong, where, and what would be right. */
export class PamError extends Error {
  override readonly name = 'PamError';
  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
  get retryable(): boolean {
    return errorCatalogue[this.code].retryable;
  }
  get exitCode(): number {
    return errorCatalogue[this.code].exitCode;
  }
}

/** For a step that may find its data wanting: null for INVALID_DATA; throws any other error again. */
export function nullIfInvalidData(error: unknown): null {
  if (error instanceof PamError && error.code === 'INVALID_DATA') return null;
  throw error;
}

/** Codes that Temporal must not retry, as `nonRetryableErrorTypes`. */
export const nonRetryableCodes: ErrorCode[] = (Object.keys(errorCatalogue) as ErrorCode[]).filter(
  (code) => !errorCatalogue[code].retryable,
);
