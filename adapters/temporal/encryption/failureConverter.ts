/**
 * Loaded by path, by clients, workers and the bundle of the workflows where payloads are encrypted: messages and stack
 * traces of failures become payloads, so they are encrypted as well.
 */
import { DefaultFailureConverter } from '@temporalio/common';

export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
