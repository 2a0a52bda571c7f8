/** The path at which a node says that it can take requests. It ends in the proxy's configuration and in a request. */
import { z } from 'zod';

export const healthPath = z
  .string()
  .max(200)
  .regex(
    /^\/[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/,
    'expected a path of at most 200 characters that starts with "/", without blanks, such as "/healthz"',
  );
