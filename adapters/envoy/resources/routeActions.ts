/**
 * A category, or what matches none → what the proxy does with its requests: two routes with the same statistics, one for
 * requests that may be repeated without harm, one for the others, which are sent again only if they certainly never reached
 * a node.
 */
import { extension, type Message, ms, wrap } from '../xds/messages';
import { requestTimeoutMs } from './limits';

/** Methods that RFC 9110 § 9.2.1 calls safe: a second delivery changes nothing. */
const repeatableMethods = 'GET|HEAD|OPTIONS';

export function retryPolicy(repeatable: boolean): Message {
  return {
    // `reset` repeats a request that a node had begun when it died. The other conditions mean that no node was
    // reached.
    retry_on: `connect-failure,refused-stream,reset-before-request${repeatable ? ',reset' : ''}`,
    num_retries: wrap(3),
    retry_back_off: { base_interval: ms(10), max_interval: ms(100) },
    retry_host_predicate: [
      extension(
        'envoy.retry_host_predicates.previous_hosts',
        'envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
      ),
    ],
    host_selection_retry_max_attempts: 5,
    // The next pool after two tries, so that a pool whose only node has just died costs no request.
    retry_priority: extension(
      'envoy.retry_priorities.previous_priorities',
      'envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
      { update_frequency: 2 },
    ),
  };
}

/** `conditions`: headers that a request must have, beside those that the place of the routes implies. */
export function routes(cluster: string, stat: string, conditions: readonly Message[] = []): Message[] {
  const action = { cluster, timeout: ms(requestTimeoutMs) };
  const repeatable = { name: ':method', string_match: { safe_regex: { regex: repeatableMethods } } };
  return [
    {
      name: `${stat}/repeatable`,
      stat_prefix: stat,
      match: { prefix: '/', headers: [...conditions, repeatable] },
      route: { ...action, retry_policy: retryPolicy(true) },
    },
    // Its retry policy is that of the virtual host.
    { name: stat, stat_prefix: stat, match: { prefix: '/', headers: [...conditions] }, route: action },
  ];
}
