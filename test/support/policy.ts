/** Policies of workers under test: the default one, and with what a test needs beside it. */
import { type Policy, policyInEffect, policySchema } from '../../core/policy/schema';

/** @param written as in pam.yaml. Feed files may be in `feedFolder` where `written` says nothing else. */
export const testPolicy = (
  written: Parameters<typeof policySchema.parse>[0] = {},
  feedFolder = '/nowhere/feeds',
): Policy => policyInEffect(policySchema.parse(written), feedFolder);

/** Feeds of the loopback address, as tests serve them. */
export const loopbackFeeds = { feeds: { networks: ['127.0.0.0/8', '::1/128'] } };
