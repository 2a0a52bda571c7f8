/**
 * The one catalogue of coded errors → whether Temporal retries, what `pam` exits with, what a person can do.
 *
 * `retryable`: the same call may succeed later. `exitCode`: of the `pam` command (sysexits.h where one fits). `means` and
 * `todo` are the text of docs/errors.md, which a test compares with this catalogue.
 */
export const errorCatalogue = {
  INVALID_INPUT: {
    retryable: false,
    exitCode: 64,
    means: 'An option, a setting or the input of a workflow is wrong.',
    todo: 'Correct the field that the message names. `pam COMMAND --help` and docs/category.md list what is accepted.',
  },
  INVALID_DATA: {
    retryable: false,
    exitCode: 65,
    means: 'A file, a stored state or the history of a category cannot be used as it is.',
    todo: 'Correct the line or field that the message names. If history is too short, import more or wait until enough is measured.',
  },
  NOT_FOUND: {
    retryable: false,
    exitCode: 66,
    means: 'A file, category, feed, model, decision or Temporal namespace does not exist.',
    todo: 'Check the name. `pam list` and `pam feed list` print the names that exist here.',
  },
  DENIED: {
    retryable: false,
    exitCode: 77,
    means: 'A server or the operating system refused access, or the policy of the worker forbids it.',
    todo: 'Correct the credentials or the permissions. A policy is named with its setting in `pam.yaml`; docs/security.md says what it allows. A feed in a private network needs `allowPrivate` as well.',
  },
  REJECTED: {
    retryable: false,
    exitCode: 70,
    means: 'A server or provider understood the request and refused it.',
    todo: 'Read the reason in the message and change the request. Repeating it unchanged does not help.',
  },
  INVALID_CONFIG: {
    retryable: false,
    exitCode: 78,
    means: 'The configuration of the installation is wrong or incomplete.',
    todo: 'Correct `pam.yaml` or the environment variable that the message names. `pam config` prints what is in force. If the database schema is old, `pam up` migrates it.',
  },
  UNAVAILABLE: {
    retryable: true,
    exitCode: 69,
    means: 'A server does not answer, or not in time. Nothing was wrong with the request.',
    todo: 'Run `pam status` to see what is down, then `pam up`. Activities retry by themselves.',
  },
  CONFLICT: {
    retryable: true,
    exitCode: 75,
    means: 'Someone else is changing the same thing at this moment, or what runs contradicts the request.',
    todo: 'Repeat the command. If the message names a running category, stop or change that first.',
  },
  THROTTLED: {
    retryable: true,
    exitCode: 75,
    means: 'A server limits how often it may be asked.',
    todo: 'Wait, then repeat. For a feed, raise `every`.',
  },
  TOOL_MISSING: {
    retryable: false,
    exitCode: 69,
    means: 'A program that PAM runs is missing, or is of a version that PAM cannot use.',
    todo: 'Run `pam tools --install`, then `pam tools`, which prints the version and place of every tool.',
  },
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
